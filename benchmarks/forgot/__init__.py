"""What fine-tuning cost a base of what it knew, and whether the command would notice."""
