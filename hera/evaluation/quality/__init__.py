"""Answers to patients, measured against a doctor's replies."""
