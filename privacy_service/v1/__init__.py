"""Generated from proto/privacy_service/v1 by tools/generate.sh: change the .proto files instead."""
