"""Generated from proto/privacy_service/gateway/v3: the messages of Envoy's external processing."""
