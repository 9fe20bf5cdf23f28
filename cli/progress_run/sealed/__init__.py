"""What an end-to-end encrypted run looks like outside of this machine; docs/adr/0043-end-to-end.md says why so."""
