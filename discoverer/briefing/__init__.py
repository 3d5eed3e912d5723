"""From a hit to what officers on their way are told."""
