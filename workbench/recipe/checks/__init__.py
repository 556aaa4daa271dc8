"""What no single setting can see: settings that are impossible together."""
