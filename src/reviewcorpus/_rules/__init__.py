"""What `validation.py` is made of: what a rule is, and the rules of the format."""
