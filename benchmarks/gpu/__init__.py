"""Whether HERA is right and fast on a GPU: `python -m benchmarks.gpu`."""
