"""The metadata engine: forms, columns and filters of an entity type, made from its fields."""
