"""Answers that can do harm: scenarios, the rules of an answer, and what is counted."""
