"""How a kind of site is read: one module a site family; sources/ holds one TOML file a source."""
