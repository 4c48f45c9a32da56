"""The three tabs: each lays its parts out and wires them."""
