"""HTTP: each module registers its routes on the application, and holds no rule of its own."""
