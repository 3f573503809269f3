"""What `spark.py` is made of; needs no Spark itself."""
