"""Multiple choice: asked, scored, counted."""
