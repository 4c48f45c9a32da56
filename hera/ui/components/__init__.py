"""What the screens are made of, a small part a file."""
