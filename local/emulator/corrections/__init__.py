"""Services of the emulator, corrected where they are laxer than AWS."""
