"""From REFs to weights in memory: what is served, what is refused, on which hardware."""
