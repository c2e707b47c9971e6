"""What an AI partner may answer: behavior contracts, judged on one prompt or one output. Pure."""
