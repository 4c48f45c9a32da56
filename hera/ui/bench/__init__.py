"""The benchmarks of the picker beside PubMedQA: what each asks, and its run so far."""
