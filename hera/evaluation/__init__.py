"""From questions to numbers that can be believed: scoring, statistics, results and their record."""
