"""What `reviewcorpus.repair` is made of; nothing here is public by its own name."""
