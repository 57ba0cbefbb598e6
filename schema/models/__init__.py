"""What the HTTP API takes and gives: camelCase JSON, one module for each resource."""
