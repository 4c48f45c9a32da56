"""What fine-tuning did to an answer: which words, how surely, in which layers, and was it luck."""
