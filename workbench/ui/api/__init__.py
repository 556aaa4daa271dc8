"""The HTTP routes that page and notebook ask, and what guards them."""
