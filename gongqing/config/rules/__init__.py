"""What is right, doubtful and wrong about an installation: values in, points out; no clock, no database, no disk."""
