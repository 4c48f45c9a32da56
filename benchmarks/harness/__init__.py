"""What the benchmarks share: flags, runs that can be resumed, multiple choice."""
