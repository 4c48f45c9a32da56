"""What a Space needs, per hardware."""
