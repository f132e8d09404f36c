"""What recipients do with a mail: signed links, who is a person and who a machine, and what they may choose."""
