"""What fine-tuning did to an answer, and how sure that is; it knows engines by `hera.types`."""
