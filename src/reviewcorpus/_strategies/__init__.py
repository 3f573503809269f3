"""What `reviewcorpus.strategies` is made of."""
