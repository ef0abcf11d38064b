"""How games are written down: .toml and .json by schema, .nfg as Gambit has it, .csv and .xlsx."""
