"""The profiles that `auto` goes by, as they are kept and made in AWS."""
