"""Settings classes of a recipe, by what they configure. No torch."""
