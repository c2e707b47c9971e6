CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.audit_entries (
    "position" bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    partner text COLLATE pg_catalog."C",
    counterparty text COLLATE pg_catalog."C",
    leaf bytea NOT NULL
);
CREATE TABLE public.audit_log (
    origin text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    frontier bytea NOT NULL
);
CREATE TABLE public.audit_nodes (
    level integer NOT NULL,
    place bigint NOT NULL,
    digest bytea NOT NULL
);
CREATE TABLE public.contract_book (
    name text NOT NULL COLLATE pg_catalog."C",
    generation bigint NOT NULL
);
CREATE TABLE public.contract_versions (
    contract_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    digest text NOT NULL COLLATE pg_catalog."C",
    party text NOT NULL COLLATE pg_catalog."C",
    counterparty text NOT NULL COLLATE pg_catalog."C",
    direction text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    effective_from timestamp with time zone NOT NULL,
    effective_until timestamp with time zone,
    source text NOT NULL,
    put_at timestamp with time zone NOT NULL,
    put_by text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.contracts (
    id text NOT NULL COLLATE pg_catalog."C",
    newest integer NOT NULL,
    party text NOT NULL COLLATE pg_catalog."C",
    counterparty text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.data_keys (
    partner text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    id text COLLATE pg_catalog."C",
    wrapping_key text COLLATE pg_catalog."C",
    wrapped bytea,
    created_at timestamp with time zone NOT NULL,
    shredded_at timestamp with time zone,
    CONSTRAINT ck_data_keys_live_or_shredded CHECK ((((shredded_at IS NULL) AND (id IS NOT NULL) AND (wrapping_key IS NOT NULL) AND (wrapped IS NOT NULL)) OR ((shredded_at IS NOT NULL) AND (wrapping_key IS NULL) AND (wrapped IS NULL))))
);
CREATE TABLE public.disclosure_contracts (
    contract_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.disclosure_subjects (
    subject text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);
CREATE TABLE public.disclosures (
    "position" bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL,
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    purpose text NOT NULL COLLATE pg_catalog."C",
    contracts jsonb NOT NULL,
    subjects jsonb NOT NULL,
    categories jsonb NOT NULL,
    consent text COLLATE pg_catalog."C",
    record text COLLATE pg_catalog."C",
    recipient_keeps_until timestamp with time zone
);
CREATE TABLE public.quota_uses (
    contract_id text NOT NULL COLLATE pg_catalog."C",
    period_start timestamp with time zone NOT NULL,
    used bigint NOT NULL
);
CREATE TABLE public.record_subjects (
    partner text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    record_id text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.records (
    partner text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    content_type text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    data_keys jsonb NOT NULL,
    subjects jsonb NOT NULL,
    contracts jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    keep_until timestamp with time zone,
    sealed bytea NOT NULL
);
CREATE TABLE public.replays (
    partner text NOT NULL COLLATE pg_catalog."C",
    request_id text NOT NULL COLLATE pg_catalog."C",
    request_digest text NOT NULL COLLATE pg_catalog."C",
    sealed_answer bytea NOT NULL,
    "position" bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.tokens (
    token text NOT NULL COLLATE pg_catalog."C",
    sender text NOT NULL COLLATE pg_catalog."C",
    recipient text NOT NULL COLLATE pg_catalog."C",
    purpose text NOT NULL COLLATE pg_catalog."C",
    entity text NOT NULL COLLATE pg_catalog."C",
    subject text COLLATE pg_catalog."C",
    data_key text NOT NULL COLLATE pg_catalog."C",
    sealed bytea NOT NULL,
    minted_at timestamp with time zone NOT NULL
);
INSERT INTO public.alembic_version VALUES ('0001');
INSERT INTO public.audit_entries VALUES (0, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d30227d');
INSERT INTO public.audit_entries VALUES (1, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d31227d');
INSERT INTO public.audit_entries VALUES (2, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d32227d');
INSERT INTO public.audit_entries VALUES (3, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d33227d');
INSERT INTO public.audit_entries VALUES (4, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d34227d');
INSERT INTO public.audit_entries VALUES (5, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d35227d');
INSERT INTO public.audit_entries VALUES (6, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d36227d');
INSERT INTO public.audit_entries VALUES (7, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d37227d');
INSERT INTO public.audit_entries VALUES (8, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d38227d');
INSERT INTO public.audit_entries VALUES (9, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d39227d');
INSERT INTO public.audit_entries VALUES (10, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3130227d');
INSERT INTO public.audit_entries VALUES (11, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3131227d');
INSERT INTO public.audit_entries VALUES (12, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3132227d');
INSERT INTO public.audit_entries VALUES (13, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3133227d');
INSERT INTO public.audit_entries VALUES (14, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3134227d');
INSERT INTO public.audit_entries VALUES (15, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3135227d');
INSERT INTO public.audit_entries VALUES (16, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3136227d');
INSERT INTO public.audit_entries VALUES (17, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3137227d');
INSERT INTO public.audit_entries VALUES (18, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3138227d');
INSERT INTO public.audit_entries VALUES (19, '2026-11-23 12:00:00.123456+00', 'EnforcementService/Transfer', 'acme', 'globex', '\x7b22616374696f6e223a22456e666f7263656d656e74536572766963652f5472616e73666572222c226163746f72223a227370696666653a2f2f61636d652e6578616d706c652f6f7264657273222c226174223a22323032362d31312d32335431323a30303a30302e3132333435362b30303a3030222c22636f6e747261637473223a5b5b2261636d652d746f2d676c6f626578222c312c227368613235363a30303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030303030225d5d2c22636f756e7465727061727479223a22676c6f626578222c226b696e64223a22656666656374222c226f7574636f6d65223a2254524541544544222c22706172746e6572223a2261636d65222c2272657175657374223a226b6570742d3139227d');
INSERT INTO public.audit_log VALUES ('privacy-service', 20, '\x493b8326341f4763ed34df85cc4fc7e3466aa296a2d9ef8f81067e6ad013b2e8691c72c43ed5199cc21f80d7ec17fb90d039097891f9739c671cdfda7b554413');
INSERT INTO public.audit_nodes VALUES (1, 0, '\xe9e2a074bb7a5fc53e89d5298f11fd674bc75ce1e0d4becc09f0083b7a218d76');
INSERT INTO public.audit_nodes VALUES (1, 1, '\x87bbcc2c3e4d98107f20d4e5597b146d2db3afcba89238d0a7aa6a915ea5af4a');
INSERT INTO public.audit_nodes VALUES (2, 0, '\x99e21fc53afe879e6c9bce1a1cb838c725dc1e61c6078d2985d83f9c91049e63');
INSERT INTO public.audit_nodes VALUES (1, 2, '\x83490acf245c67eee228445b89dab032a548cb6423ec1f2cead3efb823bcec52');
INSERT INTO public.audit_nodes VALUES (1, 3, '\x41ac4e6bbcb0a6cbf13b9b429e09c948c1d5e7bce20025bc392ff19c308e15cb');
INSERT INTO public.audit_nodes VALUES (2, 1, '\x68ffe578a635e19065a044689279152fc84dbc124f8ff79750a4f7cf21f7cbae');
INSERT INTO public.audit_nodes VALUES (3, 0, '\xe1e281e66125fed46feee7436ac215804fee88c15e63eca1459088e62d0cfa20');
INSERT INTO public.audit_nodes VALUES (1, 4, '\x74f5e0b358e279edf4af0aac4acff345153d361d17480addc56d1f2c09c4984c');
INSERT INTO public.audit_nodes VALUES (1, 5, '\xf68956c5ce90e4efce5e42d10574e8f81a140dc82f7a3f1d418079e279e2a877');
INSERT INTO public.audit_nodes VALUES (2, 2, '\xde9e32f17d8e6ae80795e0c15f56adc116c43e9545a3b0b25106a87e636add76');
INSERT INTO public.audit_nodes VALUES (1, 6, '\xae6dc5702acef3d3018a1b6c3f0d7a52bd0291e891eafd9660bda230b6bcdad7');
INSERT INTO public.audit_nodes VALUES (1, 7, '\x3b7ac65fe13a203e4a5cb071f90565df3c1ea8acd55351e2d46a7f4e8fda2fa2');
INSERT INTO public.audit_nodes VALUES (2, 3, '\x8a0fac3c3160d72ecdeedc62b84ae4b3ec9d452b12e59120a3946ace02e071c1');
INSERT INTO public.audit_nodes VALUES (3, 1, '\x7a9a4133766731345e2e403d3e7a6a3f8d7a2937552e0ab69a15f89fde527d3b');
INSERT INTO public.audit_nodes VALUES (4, 0, '\x493b8326341f4763ed34df85cc4fc7e3466aa296a2d9ef8f81067e6ad013b2e8');
INSERT INTO public.audit_nodes VALUES (1, 8, '\x7e79bcf7fd783cb9fba8d2eb6c020e632f07d5ab0a5f965b505083275e5f5243');
INSERT INTO public.audit_nodes VALUES (1, 9, '\x8a96c32cb62e63212217cf6afa21e4ceb721bb123c5f278a6767a6dbd450f3ae');
INSERT INTO public.audit_nodes VALUES (2, 4, '\x691c72c43ed5199cc21f80d7ec17fb90d039097891f9739c671cdfda7b554413');
INSERT INTO public.contract_book VALUES ('contracts', 2);
INSERT INTO public.contract_versions VALUES ('acme-to-globex', 1, 'sha256:1111111111111111111111111111111111111111111111111111111111111111', 'acme', 'globex', 'outbound', 'active', '2026-11-23 12:00:00.123456+00', '2027-11-23 12:00:00.123456+00', 'id: acme-to-globex
', '2026-11-23 12:00:00.123456+00', 'spiffe://acme.example/legal');
INSERT INTO public.contract_versions VALUES ('acme-to-globex', 2, 'sha256:2222222222222222222222222222222222222222222222222222222222222222', 'acme', 'globex', 'outbound', 'active', '2026-11-23 12:00:00.123456+00', '2027-11-23 12:00:00.123456+00', 'id: acme-to-globex
', '2026-11-23 12:00:00.123456+00', 'spiffe://acme.example/legal');
INSERT INTO public.contracts VALUES ('acme-to-globex', 2, 'acme', 'globex');
INSERT INTO public.data_keys VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'key-1', 'partner/acme#1', '\x77726170706564', '2026-11-23 12:00:00.123456+00', NULL);
INSERT INTO public.data_keys VALUES ('acme', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', 'key-2', NULL, NULL, '2026-11-23 12:00:00.123456+00', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 0);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 1);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 2);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 3);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 4);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 5);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 6);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 7);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 8);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 9);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 10);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 11);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 12);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 13);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 14);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 15);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 16);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 17);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 18);
INSERT INTO public.disclosure_contracts VALUES ('acme-to-globex', 1, 19);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 0);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 1);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 2);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 3);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 4);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 5);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 6);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 7);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 8);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 9);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 10);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 11);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 12);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 13);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 14);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 15);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 16);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 17);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 18);
INSERT INTO public.disclosure_subjects VALUES ('abababababababababababababababababababababababababababababababab', 19);
INSERT INTO public.disclosures VALUES (0, 'kept-0', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (1, 'kept-1', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (2, 'kept-2', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (3, 'kept-3', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (4, 'kept-4', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (5, 'kept-5', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (6, 'kept-6', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (7, 'kept-7', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (8, 'kept-8', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (9, 'kept-9', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (10, 'kept-10', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (11, 'kept-11', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (12, 'kept-12', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (13, 'kept-13', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (14, 'kept-14', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (15, 'kept-15', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (16, 'kept-16', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (17, 'kept-17', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (18, 'kept-18', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.disclosures VALUES (19, 'kept-19', '2026-11-23 12:00:00.123456+00', 'acme', 'globex', 'dpv:FulfilmentOfObligation', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '["abababababababababababababababababababababababababababababababab"]', '[["EMAIL_ADDRESS", "tokenize", 2]]', 'consent-1', 'record-1', '2026-12-23 12:00:00.123456+00');
INSERT INTO public.quota_uses VALUES ('quota-of-all', '2026-11-23 12:00:00.123456+00', 20);
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-0');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-1');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-2');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-3');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-4');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-5');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-6');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-7');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-8');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-9');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-10');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-11');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-12');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-13');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-14');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-15');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-16');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-17');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-18');
INSERT INTO public.record_subjects VALUES ('acme', 'abababababababababababababababababababababababababababababababab', 'kept-19');
INSERT INTO public.records VALUES ('acme', 'kept-0', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-1', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-2', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-3', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-4', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-5', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-6', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-7', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-8', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-9', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-10', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-11', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-12', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-13', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-14', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-15', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-16', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-17', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-18', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.records VALUES ('acme', 'kept-19', 'application/json', 7, '["key-1"]', '["abababababababababababababababababababababababababababababababab"]', '[["acme-to-globex", 1, "sha256:0000000000000000000000000000000000000000000000000000000000000000"]]', '2026-11-23 12:00:00.123456+00', '2026-12-23 12:00:00.123456+00', '\x007365616c6564ff');
INSERT INTO public.replays VALUES ('acme', 'kept-0', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 0, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-1', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 1, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-2', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 2, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-3', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 3, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-4', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 4, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-5', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 5, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-6', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 6, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-7', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 7, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-8', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 8, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-9', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 9, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-10', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 10, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-11', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 11, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-12', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 12, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-13', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 13, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-14', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 14, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-15', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 15, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-16', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 16, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-17', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 17, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-18', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 18, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.replays VALUES ('acme', 'kept-19', 'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '\x7365616c656420616e73776572', 19, '2026-11-24 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-0-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-0-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-1-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-1-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-2-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-2-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-3-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-3-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-4-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-4-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-5-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-5-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-6-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-6-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-7-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-7-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-8-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-8-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-9-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-9-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-10-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-10-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-11-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-11-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-12-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-12-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-13-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-13-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-14-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-14-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-15-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-15-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-16-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-16-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-17-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-17-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-18-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-18-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-19-1', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
INSERT INTO public.tokens VALUES ('kept-19-2', 'acme', 'globex', 'dpv:FulfilmentOfObligation', 'EMAIL_ADDRESS', 'abababababababababababababababababababababababababababababababab', 'key-1', '\x7365616c65642076616c7565', '2026-11-23 12:00:00.123456+00');
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.audit_entries
    ADD CONSTRAINT pk_audit_entries PRIMARY KEY ("position");
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT pk_audit_log PRIMARY KEY (origin);
ALTER TABLE ONLY public.audit_nodes
    ADD CONSTRAINT pk_audit_nodes PRIMARY KEY (level, place);
ALTER TABLE ONLY public.contract_book
    ADD CONSTRAINT pk_contract_book PRIMARY KEY (name);
ALTER TABLE ONLY public.contract_versions
    ADD CONSTRAINT pk_contract_versions PRIMARY KEY (contract_id, number);
ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT pk_contracts PRIMARY KEY (id);
ALTER TABLE ONLY public.data_keys
    ADD CONSTRAINT pk_data_keys PRIMARY KEY (partner, subject);
ALTER TABLE ONLY public.disclosure_contracts
    ADD CONSTRAINT pk_disclosure_contracts PRIMARY KEY (contract_id, number, "position");
ALTER TABLE ONLY public.disclosure_subjects
    ADD CONSTRAINT pk_disclosure_subjects PRIMARY KEY (subject, "position");
ALTER TABLE ONLY public.disclosures
    ADD CONSTRAINT pk_disclosures PRIMARY KEY ("position");
ALTER TABLE ONLY public.quota_uses
    ADD CONSTRAINT pk_quota_uses PRIMARY KEY (contract_id, period_start);
ALTER TABLE ONLY public.record_subjects
    ADD CONSTRAINT pk_record_subjects PRIMARY KEY (partner, subject, record_id);
ALTER TABLE ONLY public.records
    ADD CONSTRAINT pk_records PRIMARY KEY (partner, id);
ALTER TABLE ONLY public.replays
    ADD CONSTRAINT pk_replays PRIMARY KEY (partner, request_id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (token);
ALTER TABLE ONLY public.data_keys
    ADD CONSTRAINT uq_data_keys_id UNIQUE (id);
ALTER TABLE ONLY public.disclosures
    ADD CONSTRAINT uq_disclosures_id UNIQUE (id);
CREATE INDEX ix_audit_entries_action_position ON public.audit_entries USING btree (action, "position");
CREATE INDEX ix_audit_entries_at ON public.audit_entries USING btree (at);
CREATE INDEX ix_audit_entries_counterparty_position ON public.audit_entries USING btree (counterparty, "position");
CREATE INDEX ix_audit_entries_partner_position ON public.audit_entries USING btree (partner, "position");
CREATE INDEX ix_contracts_counterparty ON public.contracts USING btree (counterparty);
CREATE INDEX ix_contracts_party ON public.contracts USING btree (party);
CREATE INDEX ix_data_keys_wrapping_key_id ON public.data_keys USING btree (wrapping_key, id);
CREATE INDEX ix_disclosures_at ON public.disclosures USING btree (at);
CREATE INDEX ix_disclosures_recipient_position ON public.disclosures USING btree (recipient, "position");
CREATE INDEX ix_disclosures_sender_position ON public.disclosures USING btree (sender, "position");
CREATE INDEX ix_record_subjects_partner_record_id ON public.record_subjects USING btree (partner, record_id);
CREATE INDEX ix_replays_expires_at ON public.replays USING btree (expires_at);
ALTER TABLE ONLY public.contract_versions
    ADD CONSTRAINT fk_contract_versions_contract_id_contracts FOREIGN KEY (contract_id) REFERENCES public.contracts(id);
ALTER TABLE ONLY public.disclosure_contracts
    ADD CONSTRAINT fk_disclosure_contracts_position_disclosures FOREIGN KEY ("position") REFERENCES public.disclosures("position");
ALTER TABLE ONLY public.disclosure_subjects
    ADD CONSTRAINT fk_disclosure_subjects_position_disclosures FOREIGN KEY ("position") REFERENCES public.disclosures("position");
ALTER TABLE ONLY public.disclosures
    ADD CONSTRAINT fk_disclosures_position_audit_entries FOREIGN KEY ("position") REFERENCES public.audit_entries("position");
ALTER TABLE ONLY public.record_subjects
    ADD CONSTRAINT fk_record_subjects_partner_record_id_records FOREIGN KEY (partner, record_id) REFERENCES public.records(partner, id) ON DELETE CASCADE;
