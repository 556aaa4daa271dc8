"""Loss functions and the objective that combines named terms."""
