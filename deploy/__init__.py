"""Putting the product on AWS, or on an emulator of it on this machine."""
