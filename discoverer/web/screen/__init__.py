"""The call handler's screen."""
