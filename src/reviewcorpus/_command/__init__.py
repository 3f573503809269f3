"""What `cli.py` is made of."""
