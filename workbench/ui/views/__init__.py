"""What the panels show, as plain JSON objects with their texts, for page and notebook alike."""
