"""What is known about published data sets: origin, terms, counts, where they are looked for."""
