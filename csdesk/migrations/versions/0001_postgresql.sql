CREATE TABLE accepted_conflict (
	company INTEGER NOT NULL,
	person_id BIGINT NOT NULL,
	duty_a VARCHAR(40) NOT NULL,
	duty_b VARCHAR(40) NOT NULL,
	control VARCHAR(300) NOT NULL,
	accepted_at TIMESTAMP WITH TIME ZONE NOT NULL,
	accepted_by BIGINT NOT NULL,
	PRIMARY KEY (company, person_id, duty_a, duty_b)
);

CREATE TABLE approval_tier (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	kind VARCHAR(30) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	up_to BIGINT,
	steps VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, kind, currency, up_to)
);

CREATE TABLE audit (
	company INTEGER NOT NULL,
	lane BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	actor VARCHAR(200) NOT NULL,
	verb VARCHAR(60) NOT NULL,
	subject VARCHAR(40) NOT NULL,
	subject_id BIGINT NOT NULL,
	before VARCHAR NOT NULL,
	after VARCHAR NOT NULL,
	request_id VARCHAR(60) NOT NULL,
	previous VARCHAR(64) NOT NULL,
	witness_lane BIGINT,
	witness_seq BIGINT,
	witness_hash VARCHAR(16) NOT NULL,
	hash VARCHAR(64) NOT NULL,
	PRIMARY KEY (company, lane, seq)
);

CREATE INDEX ix_audit_subject ON audit (company, subject, subject_id);

CREATE TABLE audit_head (
	company INTEGER NOT NULL,
	lane BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	hash VARCHAR(64) NOT NULL,
	PRIMARY KEY (company, lane)
);

CREATE TABLE bank_line (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	bank_reference VARCHAR(80) NOT NULL,
	received_on DATE NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount BIGINT NOT NULL,
	payer VARCHAR(200) NOT NULL,
	reference VARCHAR(200) NOT NULL,
	state VARCHAR(12) NOT NULL,
	receipt_id BIGINT,
	note VARCHAR(500) NOT NULL,
	taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
	settled_at TIMESTAMP WITH TIME ZONE,
	settled_by BIGINT,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	UNIQUE (company, bank_reference)
);

CREATE INDEX ix_bank_line_state ON bank_line (company, state, received_on);

CREATE TABLE canned_reply (
	company INTEGER NOT NULL,
	code VARCHAR(12) NOT NULL,
	title VARCHAR(200) NOT NULL,
	body VARCHAR NOT NULL,
	kind VARCHAR(5) NOT NULL,
	acts VARCHAR NOT NULL,
	written_at TIMESTAMP WITH TIME ZONE NOT NULL,
	written_by BIGINT NOT NULL,
	PRIMARY KEY (company, code)
);

CREATE TABLE company (
	id INTEGER NOT NULL,
	code VARCHAR(20) NOT NULL,
	name VARCHAR(200) NOT NULL,
	country VARCHAR(2) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	timezone VARCHAR(60) NOT NULL,
	tax_method VARCHAR(10) NOT NULL,
	rounding VARCHAR(10) NOT NULL,
	hold_seconds INTEGER NOT NULL,
	deal_mode VARCHAR(10) NOT NULL,
	usual_warehouse VARCHAR(20) NOT NULL,
	street VARCHAR(200) NOT NULL,
	city VARCHAR(100) NOT NULL,
	region VARCHAR(100) NOT NULL,
	postcode VARCHAR(20) NOT NULL,
	vat_number VARCHAR(40) NOT NULL,
	registration VARCHAR(60) NOT NULL,
	email VARCHAR(200) NOT NULL,
	phone VARCHAR(60) NOT NULL,
	iban VARCHAR(40) NOT NULL,
	bic VARCHAR(11) NOT NULL,
	endpoint VARCHAR(100) NOT NULL,
	endpoint_scheme VARCHAR(4) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (code)
);

CREATE TABLE credit_account (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	credit_limit BIGINT,
	orders BIGINT NOT NULL,
	delivered BIGINT NOT NULL,
	billed BIGINT NOT NULL,
	open_debit BIGINT NOT NULL,
	open_credit BIGINT NOT NULL,
	on_hold BOOLEAN NOT NULL,
	dunning_procedure VARCHAR(20) NOT NULL,
	dunning_blocked_until DATE,
	oldest_days INTEGER,
	highest_level INTEGER,
	deduction_days INTEGER,
	last_payment BIGINT,
	last_payment_on DATE,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE TABLE deal (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	code VARCHAR(60) NOT NULL,
	name VARCHAR(200) NOT NULL,
	kind VARCHAR(10) NOT NULL,
	price_group VARCHAR(60) NOT NULL,
	customer_id BIGINT,
	group_code VARCHAR(60) NOT NULL,
	product_id BIGINT,
	value BIGINT NOT NULL,
	buy BIGINT NOT NULL,
	free BIGINT NOT NULL,
	valid_from DATE,
	valid_to DATE,
	PRIMARY KEY (company, id),
	UNIQUE (company, code)
);

CREATE TABLE delegation (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	from_person BIGINT NOT NULL,
	to_person BIGINT NOT NULL,
	kinds VARCHAR(300) NOT NULL,
	cap BIGINT,
	currency VARCHAR(3) NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	reason VARCHAR(300) NOT NULL,
	request_id BIGINT,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	made_by BIGINT NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id)
);

CREATE INDEX ix_delegation_to ON delegation (company, to_person, ends_on);

CREATE TABLE dunning_level (
	company INTEGER NOT NULL,
	procedure VARCHAR(20) NOT NULL,
	level INTEGER NOT NULL,
	days_late INTEGER NOT NULL,
	minimum BIGINT NOT NULL,
	minimum_percent BIGINT NOT NULL,
	channel VARCHAR(10) NOT NULL,
	text VARCHAR(2000) NOT NULL,
	fee BIGINT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	interest_percent BIGINT NOT NULL,
	PRIMARY KEY (company, procedure, level)
);

CREATE TABLE dunning_run (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	run_on DATE NOT NULL,
	began_at TIMESTAMP WITH TIME ZONE NOT NULL,
	began_by BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, run_on)
);

CREATE TABLE duty_conflict (
	company INTEGER NOT NULL,
	duty_a VARCHAR(40) NOT NULL,
	duty_b VARCHAR(40) NOT NULL,
	level VARCHAR(5) NOT NULL,
	same_order VARCHAR(5) NOT NULL,
	same_customer VARCHAR(5) NOT NULL,
	risk VARCHAR(300) NOT NULL,
	PRIMARY KEY (company, duty_a, duty_b)
);

CREATE TABLE handover (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	team VARCHAR(60) NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	made_by BIGINT NOT NULL,
	until_at TIMESTAMP WITH TIME ZONE NOT NULL,
	note VARCHAR(2000) NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE INDEX ix_handover_team ON handover (company, team, made_at);

CREATE TABLE import_key (
	company INTEGER NOT NULL,
	source VARCHAR(60) NOT NULL,
	entity VARCHAR(40) NOT NULL,
	key VARCHAR(200) NOT NULL,
	subject_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	row_hash VARCHAR(64) NOT NULL,
	PRIMARY KEY (company, source, entity, key)
);

CREATE TABLE import_note (
	company INTEGER NOT NULL,
	subject VARCHAR(20) NOT NULL,
	subject_id BIGINT NOT NULL,
	kind VARCHAR(20) NOT NULL,
	text VARCHAR(300) NOT NULL,
	source VARCHAR(60) NOT NULL,
	PRIMARY KEY (company, subject, subject_id, kind, text)
);

CREATE INDEX ix_import_note_kind ON import_note (company, kind, subject);

CREATE TABLE import_quarantine (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	run_id BIGINT NOT NULL,
	source VARCHAR(60) NOT NULL,
	part VARCHAR(40) NOT NULL,
	entity VARCHAR(40) NOT NULL,
	file VARCHAR(300) NOT NULL,
	row INTEGER NOT NULL,
	key VARCHAR(200) NOT NULL,
	code VARCHAR(20) NOT NULL,
	reason VARCHAR(500) NOT NULL,
	data VARCHAR NOT NULL,
	digest VARCHAR(64) NOT NULL,
	resolved_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id)
);

CREATE INDEX ix_import_quarantine_digest ON import_quarantine (company, source, digest);

CREATE INDEX ix_import_quarantine_key ON import_quarantine (company, source, part, key);

CREATE INDEX ix_import_quarantine_open ON import_quarantine (company, resolved_at);

CREATE TABLE import_run (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	source VARCHAR(60) NOT NULL,
	part VARCHAR(40) NOT NULL,
	file VARCHAR(300) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	rows INTEGER NOT NULL,
	imported INTEGER NOT NULL,
	merged INTEGER NOT NULL,
	quarantined INTEGER NOT NULL,
	updated INTEGER NOT NULL,
	left_out INTEGER NOT NULL,
	last_id BIGINT NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE TABLE import_source (
	company INTEGER NOT NULL,
	source VARCHAR(60) NOT NULL,
	title VARCHAR(200) NOT NULL,
	today DATE,
	opening_receivables BIGINT,
	PRIMARY KEY (company, source)
);

CREATE TABLE ledger_entry (
	company INTEGER NOT NULL,
	source VARCHAR(12) NOT NULL,
	source_id BIGINT NOT NULL,
	place INTEGER NOT NULL,
	gl VARCHAR(20) NOT NULL,
	account_id BIGINT,
	posted_on DATE NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount BIGINT NOT NULL,
	PRIMARY KEY (company, source, source_id, place)
);

CREATE INDEX ix_ledger_entry_account ON ledger_entry (company, account_id, posted_on);

CREATE INDEX ix_ledger_entry_day ON ledger_entry (company, gl, posted_on);

CREATE TABLE login_authority (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	fingerprint VARCHAR(60) NOT NULL,
	public VARCHAR NOT NULL,
	comment VARCHAR(200) NOT NULL,
	added_at TIMESTAMP WITH TIME ZONE NOT NULL,
	added_by BIGINT NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	ended_by BIGINT,
	PRIMARY KEY (company, id)
);

CREATE UNIQUE INDEX uq_login_authority ON login_authority (company, fingerprint) WHERE ended_at IS NULL;

CREATE TABLE number_series (
	company INTEGER NOT NULL,
	kind VARCHAR(20) NOT NULL,
	series VARCHAR(20) NOT NULL,
	year INTEGER NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (company, kind, series, year)
);

CREATE TABLE outbox (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	kind VARCHAR(40) NOT NULL,
	dedupe VARCHAR(120) NOT NULL,
	payload VARCHAR NOT NULL,
	due_at TIMESTAMP WITH TIME ZONE NOT NULL,
	sent_at TIMESTAMP WITH TIME ZONE,
	withdrawn_at TIMESTAMP WITH TIME ZONE,
	claimed_at TIMESTAMP WITH TIME ZONE,
	claimed_by VARCHAR(80) NOT NULL,
	attempts INTEGER NOT NULL,
	try_after TIMESTAMP WITH TIME ZONE,
	parked_at TIMESTAMP WITH TIME ZONE,
	last_error VARCHAR(500) NOT NULL,
	went_to VARCHAR(300) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, dedupe)
);

CREATE INDEX ix_outbox_due ON outbox (company, sent_at, due_at);

CREATE TABLE period (
	company INTEGER NOT NULL,
	starts_on DATE NOT NULL,
	ends_on DATE NOT NULL,
	state VARCHAR(12) NOT NULL,
	reason VARCHAR(500) NOT NULL,
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	changed_by BIGINT NOT NULL,
	PRIMARY KEY (company, starts_on)
);

CREATE TABLE person (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	name VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE TABLE price_list (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	code VARCHAR(60) NOT NULL,
	name VARCHAR(200) NOT NULL,
	kind VARCHAR(10) NOT NULL,
	price_group VARCHAR(60) NOT NULL,
	customer_id BIGINT,
	currency VARCHAR(3) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, code)
);

CREATE TABLE reason (
	company INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	letter VARCHAR(2) NOT NULL,
	name VARCHAR(200) NOT NULL,
	owner VARCHAR(40) NOT NULL,
	uses VARCHAR(200) NOT NULL,
	untdid_4465 VARCHAR(10) NOT NULL,
	x12_426 VARCHAR(10) NOT NULL,
	PRIMARY KEY (company, code),
	UNIQUE (company, letter, uses)
);

CREATE TABLE request (
	company INTEGER NOT NULL,
	id VARCHAR(60) NOT NULL,
	verb VARCHAR(80) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	reply VARCHAR NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE TABLE ringing (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	phone VARCHAR(60) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	taken_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id)
);

CREATE INDEX ix_ringing_staff ON ringing (company, staff_id, taken_at);

CREATE TABLE role (
	company INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	name VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, code)
);

CREATE TABLE search_word (
	id BIGSERIAL NOT NULL,
	company INTEGER NOT NULL,
	kind VARCHAR(10) NOT NULL,
	word VARCHAR COLLATE "C" NOT NULL,
	reversed VARCHAR COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (company, kind, word)
);

CREATE INDEX ix_search_word_reversed ON search_word (company, kind, reversed);

CREATE TABLE service_calendar (
	company INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	version INTEGER NOT NULL,
	hours VARCHAR NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	made_by BIGINT NOT NULL,
	PRIMARY KEY (company, code, version)
);

CREATE TABLE service_queue (
	company INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	name VARCHAR(200) NOT NULL,
	policy VARCHAR(40) NOT NULL,
	team VARCHAR(60) NOT NULL,
	reopen_days INTEGER NOT NULL,
	PRIMARY KEY (company, code)
);

CREATE TABLE service_setting (
	company INTEGER NOT NULL,
	name VARCHAR(40) NOT NULL,
	value VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, name)
);

CREATE TABLE tax_code (
	company INTEGER NOT NULL,
	code VARCHAR(20) NOT NULL,
	name VARCHAR(100) NOT NULL,
	rate BIGINT NOT NULL,
	PRIMARY KEY (company, code)
);

CREATE TABLE terms (
	company INTEGER NOT NULL,
	code VARCHAR(20) NOT NULL,
	name VARCHAR(100) NOT NULL,
	net_days INTEGER NOT NULL,
	PRIMARY KEY (company, code)
);

CREATE TABLE ticket_category (
	company INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	use VARCHAR(10) NOT NULL,
	parent VARCHAR(40) NOT NULL,
	name VARCHAR(200) NOT NULL,
	queue VARCHAR(40) NOT NULL,
	owner VARCHAR(40) NOT NULL,
	words VARCHAR(500) NOT NULL,
	PRIMARY KEY (company, code)
);

CREATE TABLE warehouse (
	company INTEGER NOT NULL,
	code VARCHAR(20) NOT NULL,
	name VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, code)
);

CREATE TABLE contact_entry (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	staff_id BIGINT NOT NULL,
	channel VARCHAR(10) NOT NULL,
	words VARCHAR(500) NOT NULL,
	subject VARCHAR(20) NOT NULL,
	subject_id BIGINT,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id)
);

CREATE INDEX ix_contact_entry_account ON contact_entry (company, account_id, at);

CREATE TABLE customer (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	code VARCHAR(40) NOT NULL,
	name VARCHAR(200) NOT NULL,
	account_id BIGINT NOT NULL,
	bill_to_id BIGINT,
	payer_group VARCHAR(40) NOT NULL,
	price_group VARCHAR(60) NOT NULL,
	price_list VARCHAR(60) NOT NULL,
	segment VARCHAR(60) NOT NULL,
	terms VARCHAR(20) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	country VARCHAR(40) NOT NULL,
	tax_exempt BOOLEAN NOT NULL,
	tier VARCHAR(10) NOT NULL,
	language VARCHAR(10) NOT NULL,
	timezone VARCHAR(60) NOT NULL,
	delivery_days VARCHAR(7) NOT NULL,
	cut_off VARCHAR(5) NOT NULL,
	lead_days INTEGER NOT NULL,
	minimum_order BIGINT NOT NULL,
	short_policy VARCHAR(10) NOT NULL,
	on_hold BOOLEAN NOT NULL,
	anonymous BOOLEAN NOT NULL,
	notes VARCHAR(2000) NOT NULL,
	standing VARCHAR(2000) NOT NULL,
	opened_on DATE,
	email VARCHAR(200) NOT NULL,
	vat_number VARCHAR(40) NOT NULL,
	registration VARCHAR(60) NOT NULL,
	endpoint VARCHAR(100) NOT NULL,
	endpoint_scheme VARCHAR(4) NOT NULL,
	exempt_category VARCHAR(2) NOT NULL,
	exempt_reason VARCHAR(200) NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, code),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	FOREIGN KEY(company, bill_to_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, terms) REFERENCES terms (company, code)
);

CREATE INDEX ix_customer_account ON customer (company, account_id);

CREATE INDEX ix_customer_bill_to ON customer (company, bill_to_id);

CREATE TABLE customer_reason (
	company INTEGER NOT NULL,
	account_id BIGINT NOT NULL,
	code VARCHAR(40) NOT NULL,
	reason VARCHAR(40) NOT NULL,
	PRIMARY KEY (company, account_id, code),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	FOREIGN KEY(company, reason) REFERENCES reason (company, code)
);

CREATE TABLE dunning_notice (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	run_id BIGINT NOT NULL,
	run_on DATE NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	account_id BIGINT NOT NULL,
	level INTEGER NOT NULL,
	channel VARCHAR(10) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount BIGINT NOT NULL,
	fee BIGINT NOT NULL,
	interest BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, run_id, account_id),
	FOREIGN KEY(company, run_id) REFERENCES dunning_run (company, id),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id)
);

CREATE INDEX ix_dunning_notice_account ON dunning_notice (company, account_id, run_on);

CREATE TABLE handover_line (
	company INTEGER NOT NULL,
	handover_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	kind VARCHAR(12) NOT NULL,
	subject_id BIGINT,
	from_staff BIGINT NOT NULL,
	due_at TIMESTAMP WITH TIME ZONE,
	words VARCHAR(300) NOT NULL,
	accepted_by BIGINT,
	accepted_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, handover_id, line),
	FOREIGN KEY(company, handover_id) REFERENCES handover (company, id)
);

CREATE INDEX ix_handover_line ON handover_line (company, accepted_at);

CREATE TABLE product (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	code VARCHAR(60) NOT NULL,
	code_key VARCHAR(60) NOT NULL,
	name VARCHAR(300) NOT NULL,
	kind VARCHAR(10) NOT NULL,
	base_unit VARCHAR(20) NOT NULL,
	sales_unit VARCHAR(20) NOT NULL,
	minimum BIGINT NOT NULL,
	multiple BIGINT NOT NULL,
	tax_code VARCHAR(20) NOT NULL,
	shelf_life_days INTEGER,
	phase_in DATE,
	phase_out DATE,
	successor_id BIGINT,
	retail_price BIGINT,
	lead_days INTEGER,
	barcode VARCHAR(40) NOT NULL,
	notes VARCHAR(2000) NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, code_key),
	FOREIGN KEY(company, tax_code) REFERENCES tax_code (company, code)
);

CREATE INDEX ix_product_code ON product (company, code_key text_pattern_ops);

CREATE TABLE receipt (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	account_id BIGINT NOT NULL,
	received_on DATE NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount BIGINT NOT NULL,
	method VARCHAR(40) NOT NULL,
	reference VARCHAR(200) NOT NULL,
	bank_line_id BIGINT,
	source VARCHAR(20) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, number, source),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id)
);

CREATE INDEX ix_receipt_account ON receipt (company, account_id, received_on);

CREATE TABLE role_duty (
	company INTEGER NOT NULL,
	role VARCHAR(40) NOT NULL,
	duty VARCHAR(40) NOT NULL,
	PRIMARY KEY (company, role, duty),
	FOREIGN KEY(company, role) REFERENCES role (company, code)
);

CREATE TABLE service_policy (
	company INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	version INTEGER NOT NULL,
	calendar VARCHAR(40) NOT NULL,
	calendar_version INTEGER NOT NULL,
	targets VARCHAR NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	made_by BIGINT NOT NULL,
	PRIMARY KEY (company, code, version),
	FOREIGN KEY(company, calendar, calendar_version) REFERENCES service_calendar (company, code, version)
);

CREATE TABLE staff (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	person_id BIGINT NOT NULL,
	login VARCHAR(60) NOT NULL,
	name VARCHAR(200) NOT NULL,
	team VARCHAR(60) NOT NULL,
	disabled BOOLEAN NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, login),
	FOREIGN KEY(company, person_id) REFERENCES person (company, id)
);

CREATE TABLE alternative (
	company INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	rank INTEGER NOT NULL,
	alternative_id BIGINT NOT NULL,
	note VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, product_id, rank),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	FOREIGN KEY(company, alternative_id) REFERENCES product (company, id)
);

CREATE TABLE approval_request (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	kind VARCHAR(30) NOT NULL,
	state VARCHAR(20) NOT NULL,
	version INTEGER NOT NULL,
	customer_id BIGINT,
	account_id BIGINT,
	document_id BIGINT,
	order_id BIGINT,
	currency VARCHAR(3) NOT NULL,
	amount BIGINT NOT NULL,
	counted BIGINT NOT NULL,
	reason VARCHAR(40) NOT NULL,
	note VARCHAR(2000) NOT NULL,
	payload VARCHAR NOT NULL,
	payload_hash VARCHAR(64) NOT NULL,
	steps VARCHAR(200) NOT NULL,
	step INTEGER NOT NULL,
	maker_staff_id BIGINT NOT NULL,
	maker_person_id BIGINT NOT NULL,
	maker_rank INTEGER NOT NULL,
	editors VARCHAR(400) NOT NULL,
	creators VARCHAR(400) NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	submitted_at TIMESTAMP WITH TIME ZONE,
	decided_at TIMESTAMP WITH TIME ZONE,
	decided_by BIGINT,
	why VARCHAR(500) NOT NULL,
	post_after TIMESTAMP WITH TIME ZONE,
	posted_id BIGINT,
	dispute_id BIGINT,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	FOREIGN KEY(company, maker_staff_id) REFERENCES staff (company, id)
);

CREATE INDEX ix_approval_request_customer ON approval_request (company, customer_id, made_at);

CREATE INDEX ix_approval_request_document ON approval_request (company, document_id);

CREATE INDEX ix_approval_request_maker ON approval_request (company, maker_person_id, made_at);

CREATE INDEX ix_approval_request_state ON approval_request (company, state, submitted_at);

CREATE TABLE article (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	code VARCHAR(40) NOT NULL,
	title VARCHAR(200) NOT NULL,
	body VARCHAR NOT NULL,
	category VARCHAR(40) NOT NULL,
	product_group VARCHAR(40) NOT NULL,
	product_id BIGINT,
	words VARCHAR(500) NOT NULL,
	version INTEGER NOT NULL,
	published INTEGER NOT NULL,
	written_at TIMESTAMP WITH TIME ZONE NOT NULL,
	written_by BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, code),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_article_category ON article (company, category);

CREATE INDEX ix_article_group ON article (company, product_group);

CREATE INDEX ix_article_product ON article (company, product_id);

CREATE TABLE break_glass (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	duty VARCHAR(40) NOT NULL,
	reason VARCHAR(500) NOT NULL,
	began_at TIMESTAMP WITH TIME ZONE NOT NULL,
	until TIMESTAMP WITH TIME ZONE NOT NULL,
	reviewed_at TIMESTAMP WITH TIME ZONE,
	reviewed_by BIGINT,
	verdict VARCHAR(500) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE INDEX ix_break_glass ON break_glass (company, staff_id, until);

CREATE TABLE call (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	slot INTEGER NOT NULL,
	active BOOLEAN NOT NULL,
	customer_id BIGINT,
	channel VARCHAR(12) NOT NULL,
	phone VARCHAR(60) NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	prompt VARCHAR NOT NULL,
	view VARCHAR(200) NOT NULL,
	draft_id BIGINT,
	wrap_up VARCHAR(20) NOT NULL,
	note VARCHAR(2000) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_call_customer ON call (company, customer_id, started_at);

CREATE INDEX ix_call_staff ON call (company, staff_id, ended_at);

CREATE TABLE command (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	call_id BIGINT,
	staff_id BIGINT NOT NULL,
	verb VARCHAR(40) NOT NULL,
	words VARCHAR(500) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	hold_until TIMESTAMP WITH TIME ZONE NOT NULL,
	undo VARCHAR NOT NULL,
	undone_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE INDEX ix_command_call ON command (company, call_id, id);

CREATE INDEX ix_command_staff ON command (company, staff_id, id) WHERE call_id IS NULL;

CREATE TABLE contact (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	name VARCHAR(200) NOT NULL,
	role VARCHAR(60) NOT NULL,
	email VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_contact_customer ON contact (company, customer_id);

CREATE TABLE customer_search (
	id BIGSERIAL NOT NULL,
	company INTEGER NOT NULL,
	customer_id BIGINT NOT NULL,
	head VARCHAR COLLATE "C" NOT NULL,
	code VARCHAR COLLATE "C" NOT NULL,
	body VARCHAR COLLATE "C" NOT NULL,
	numbers VARCHAR COLLATE "C" NOT NULL,
	starts VARCHAR COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (company, customer_id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_customer_search_code ON customer_search (company, code);

CREATE INDEX ix_customer_search_head ON customer_search (company, head, code);

CREATE TABLE desk_session (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	server VARCHAR(100) NOT NULL,
	staff_id BIGINT NOT NULL,
	address VARCHAR(60) NOT NULL,
	method VARCHAR(20) NOT NULL,
	fingerprint VARCHAR(60) NOT NULL,
	pid INTEGER NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE NOT NULL,
	typed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	ended_why VARCHAR(200) NOT NULL,
	end_wanted VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE INDEX ix_desk_session_open ON desk_session (company, server, id) WHERE ended_at IS NULL;

CREATE INDEX ix_desk_session_staff ON desk_session (company, staff_id, started_at);

CREATE TABLE document (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	kind VARCHAR(12) NOT NULL,
	number VARCHAR(40) NOT NULL,
	customer_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	order_id BIGINT,
	corrects_id BIGINT,
	receipt_id BIGINT,
	issued_on DATE NOT NULL,
	issued_at TIMESTAMP WITH TIME ZONE,
	due_on DATE NOT NULL,
	currency VARCHAR(3) NOT NULL,
	tax_method VARCHAR(10) NOT NULL,
	rounding VARCHAR(10) NOT NULL,
	net BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	gross BIGINT NOT NULL,
	reason VARCHAR(40) NOT NULL,
	source VARCHAR(20) NOT NULL,
	flags VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, kind, number),
	UNIQUE (company, receipt_id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id)
);

CREATE INDEX ix_document_corrects ON document (company, corrects_id);

CREATE INDEX ix_document_customer ON document (company, customer_id, issued_on);

CREATE INDEX ix_document_order ON document (company, order_id);

CREATE TABLE draft (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	call_id BIGINT,
	staff_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	kind VARCHAR(10) NOT NULL,
	order_id BIGINT,
	base_version INTEGER,
	requested_on DATE,
	customer_reference VARCHAR(60) NOT NULL,
	lines VARCHAR NOT NULL,
	status VARCHAR(10) NOT NULL,
	version INTEGER NOT NULL,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_draft_staff ON draft (company, staff_id, status);

CREATE TABLE expected_receipt (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	product_id BIGINT NOT NULL,
	warehouse VARCHAR(20) NOT NULL,
	due_on DATE NOT NULL,
	quantity BIGINT NOT NULL,
	reserved BIGINT NOT NULL,
	arrived BOOLEAN NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, warehouse) REFERENCES warehouse (company, code),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_expected_receipt_reserved CHECK (reserved >= 0 AND reserved <= quantity)
);

CREATE INDEX ix_expected_receipt_product ON expected_receipt (company, product_id, warehouse, due_on);

CREATE TABLE half_typed (
	company INTEGER NOT NULL,
	staff_id BIGINT NOT NULL,
	prompt VARCHAR NOT NULL,
	view VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, staff_id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE TABLE open_item (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	source VARCHAR(12) NOT NULL,
	source_id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	kind VARCHAR(12) NOT NULL,
	posted_on DATE NOT NULL,
	due_on DATE NOT NULL,
	currency VARCHAR(3) NOT NULL,
	face BIGINT NOT NULL,
	open BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, source, source_id),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_open_item_account ON open_item (company, account_id, due_on);

CREATE INDEX ix_open_item_open ON open_item (company, account_id, due_on, id, open) WHERE open <> 0;

CREATE TABLE pack_unit (
	company INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	unit VARCHAR(20) NOT NULL,
	factor BIGINT NOT NULL,
	PRIMARY KEY (company, product_id, unit),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE TABLE price (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	price_list_id BIGINT NOT NULL,
	product_id BIGINT NOT NULL,
	unit VARCHAR(20) NOT NULL,
	amount BIGINT NOT NULL,
	per BIGINT NOT NULL,
	min_quantity BIGINT NOT NULL,
	valid_from DATE,
	valid_to DATE,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, price_list_id) REFERENCES price_list (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_price_product ON price (company, product_id, price_list_id);

CREATE TABLE product_group (
	company INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	group_code VARCHAR(60) NOT NULL,
	PRIMARY KEY (company, product_id, group_code),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_product_group_code ON product_group (company, group_code);

CREATE TABLE product_search (
	id BIGSERIAL NOT NULL,
	company INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	head VARCHAR COLLATE "C" NOT NULL,
	code VARCHAR COLLATE "C" NOT NULL,
	body VARCHAR COLLATE "C" NOT NULL,
	numbers VARCHAR COLLATE "C" NOT NULL,
	starts VARCHAR COLLATE "C" NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (company, product_id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_product_search_code ON product_search (company, code);

CREATE INDEX ix_product_search_head ON product_search (company, head, code);

CREATE TABLE sales_order (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	customer_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	ship_to_id BIGINT,
	warehouse VARCHAR(20) NOT NULL,
	status VARCHAR(12) NOT NULL,
	channel VARCHAR(12) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	tax_method VARCHAR(10) NOT NULL,
	rounding VARCHAR(10) NOT NULL,
	requested_on DATE,
	promised_on DATE,
	customer_reference VARCHAR(60) NOT NULL,
	contact VARCHAR(200) NOT NULL,
	net BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	gross BIGINT NOT NULL,
	exposure BIGINT NOT NULL,
	revision INTEGER NOT NULL,
	backorder_order_id BIGINT,
	call_id BIGINT,
	placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	placed_by BIGINT,
	picked_at TIMESTAMP WITH TIME ZONE,
	changed_at TIMESTAMP WITH TIME ZONE,
	changed_by BIGINT,
	cancel_reason VARCHAR(40) NOT NULL,
	released_value BIGINT,
	released_until DATE,
	source VARCHAR(20) NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	FOREIGN KEY(company, warehouse) REFERENCES warehouse (company, code)
);

CREATE INDEX ix_sales_order_account ON sales_order (company, account_id, status);

CREATE INDEX ix_sales_order_customer ON sales_order (company, customer_id, placed_at);

CREATE INDEX ix_sales_order_picked ON sales_order (company, picked_at);

CREATE INDEX ix_sales_order_status ON sales_order (company, status, placed_at);

CREATE TABLE shift (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	team VARCHAR(60) NOT NULL,
	level VARCHAR(12) NOT NULL,
	starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id),
	UNIQUE (company, staff_id, starts_at)
);

CREATE INDEX ix_shift ON shift (company, starts_at, ends_at);

CREATE TABLE ship_to (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	kind VARCHAR(10) NOT NULL,
	name VARCHAR(200) NOT NULL,
	line1 VARCHAR(200) NOT NULL,
	line2 VARCHAR(200) NOT NULL,
	city VARCHAR(100) NOT NULL,
	region VARCHAR(100) NOT NULL,
	postcode VARCHAR(20) NOT NULL,
	country VARCHAR(40) NOT NULL,
	route VARCHAR(20) NOT NULL,
	is_default BOOLEAN NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_ship_to_customer ON ship_to (company, customer_id);

CREATE TABLE staff_key (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	fingerprint VARCHAR(60) NOT NULL,
	public VARCHAR NOT NULL,
	comment VARCHAR(200) NOT NULL,
	added_at TIMESTAMP WITH TIME ZONE NOT NULL,
	added_by BIGINT NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	ended_by BIGINT,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE UNIQUE INDEX uq_staff_key ON staff_key (company, staff_id, fingerprint) WHERE ended_at IS NULL;

CREATE TABLE staff_queue (
	company INTEGER NOT NULL,
	staff_id BIGINT NOT NULL,
	queue VARCHAR(40) NOT NULL,
	PRIMARY KEY (company, staff_id, queue),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, queue) REFERENCES service_queue (company, code)
);

CREATE TABLE staff_role (
	company INTEGER NOT NULL,
	staff_id BIGINT NOT NULL,
	role VARCHAR(40) NOT NULL,
	PRIMARY KEY (company, staff_id, role),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, role) REFERENCES role (company, code)
);

CREATE TABLE staff_secret (
	company INTEGER NOT NULL,
	staff_id BIGINT NOT NULL,
	password VARCHAR(200) NOT NULL,
	changed_at TIMESTAMP WITH TIME ZONE,
	once_until TIMESTAMP WITH TIME ZONE,
	totp VARCHAR(64) NOT NULL,
	totp_step BIGINT NOT NULL,
	failures INTEGER NOT NULL,
	failed_at TIMESTAMP WITH TIME ZONE,
	locked_until TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, staff_id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE TABLE stock (
	company INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	warehouse VARCHAR(20) NOT NULL,
	on_hand BIGINT NOT NULL,
	reserved BIGINT NOT NULL,
	reorder_level BIGINT,
	target_level BIGINT,
	bin VARCHAR(40) NOT NULL,
	PRIMARY KEY (company, product_id, warehouse),
	FOREIGN KEY(company, warehouse) REFERENCES warehouse (company, code),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_stock_reserved CHECK (reserved >= 0)
);

CREATE TABLE stock_movement (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	product_id BIGINT NOT NULL,
	warehouse VARCHAR(20) NOT NULL,
	kind VARCHAR(20) NOT NULL,
	number VARCHAR(40) NOT NULL,
	quantity BIGINT NOT NULL,
	note VARCHAR(300) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	source VARCHAR(20) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_stock_movement_product ON stock_movement (company, product_id);

CREATE TABLE ticket (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	kind VARCHAR(12) NOT NULL,
	state VARCHAR(20) NOT NULL,
	base VARCHAR(5) NOT NULL,
	version INTEGER NOT NULL,
	customer_id BIGINT,
	contact VARCHAR(200) NOT NULL,
	channel VARCHAR(12) NOT NULL,
	subject VARCHAR(200) NOT NULL,
	category VARCHAR(40) NOT NULL,
	cause VARCHAR(40) NOT NULL,
	product_id BIGINT,
	impact INTEGER NOT NULL,
	urgency INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	safety BOOLEAN NOT NULL,
	queue VARCHAR(40) NOT NULL,
	owner_id BIGINT,
	tier VARCHAR(10) NOT NULL,
	value BIGINT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	cutoff_at TIMESTAMP WITH TIME ZONE,
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	opened_by BIGINT NOT NULL,
	source VARCHAR(20) NOT NULL,
	policy VARCHAR(40) NOT NULL,
	policy_version INTEGER NOT NULL,
	waits_for VARCHAR(10) NOT NULL,
	waits_on VARCHAR(200) NOT NULL,
	question VARCHAR(500) NOT NULL,
	wake_at TIMESTAMP WITH TIME ZONE,
	stage VARCHAR(20) NOT NULL,
	told_at TIMESTAMP WITH TIME ZONE,
	resolution VARCHAR(500) NOT NULL,
	resolved_at TIMESTAMP WITH TIME ZONE,
	closed_at TIMESTAMP WITH TIME ZONE,
	reopened INTEGER NOT NULL,
	reassigned INTEGER NOT NULL,
	merged_into BIGINT,
	follow_up_of BIGINT,
	due_at TIMESTAMP WITH TIME ZONE,
	due_kind VARCHAR(20) NOT NULL,
	breaches INTEGER NOT NULL,
	next_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, owner_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, queue) REFERENCES service_queue (company, code)
);

CREATE INDEX ix_ticket_customer ON ticket (company, customer_id, opened_at);

CREATE INDEX ix_ticket_live ON ticket (company, base, owner_id, queue, due_at, safety, policy, policy_version, cutoff_at, value, currency, tier, opened_at, wake_at, id);

CREATE INDEX ix_ticket_merged ON ticket (company, merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX ix_ticket_next ON ticket (company, next_at);

CREATE INDEX ix_ticket_owner ON ticket (company, owner_id, base, due_at);

CREATE INDEX ix_ticket_queue ON ticket (company, queue, base, owner_id, due_at);

CREATE TABLE usual_item (
	company INTEGER NOT NULL,
	customer_id BIGINT NOT NULL,
	position INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	unit VARCHAR(20) NOT NULL,
	quantity BIGINT,
	PRIMARY KEY (company, customer_id, position),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE TABLE allocation (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	debit_item_id BIGINT NOT NULL,
	credit_item_id BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	applied_on DATE NOT NULL,
	reverses_id BIGINT,
	made_by BIGINT,
	why VARCHAR(20) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, reverses_id),
	FOREIGN KEY(company, debit_item_id) REFERENCES open_item (company, id),
	FOREIGN KEY(company, credit_item_id) REFERENCES open_item (company, id)
);

CREATE INDEX ix_allocation_credit ON allocation (company, credit_item_id);

CREATE INDEX ix_allocation_debit ON allocation (company, debit_item_id);

CREATE TABLE approval_mark (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	request_id BIGINT NOT NULL,
	version INTEGER NOT NULL,
	payload_hash VARCHAR(64) NOT NULL,
	step INTEGER NOT NULL,
	decision VARCHAR(12) NOT NULL,
	person_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	role VARCHAR(40) NOT NULL,
	on_behalf_of BIGINT,
	reason VARCHAR(500) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, request_id) REFERENCES approval_request (company, id)
);

CREATE INDEX ix_approval_mark ON approval_mark (company, request_id, id);

CREATE TABLE article_helped (
	company INTEGER NOT NULL,
	article_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	occasion VARCHAR(40) NOT NULL,
	ticket_id BIGINT,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (company, article_id, staff_id, occasion),
	FOREIGN KEY(company, article_id) REFERENCES article (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE TABLE article_revision (
	company INTEGER NOT NULL,
	article_id BIGINT NOT NULL,
	version INTEGER NOT NULL,
	title VARCHAR(200) NOT NULL,
	body VARCHAR NOT NULL,
	category VARCHAR(40) NOT NULL,
	product_group VARCHAR(40) NOT NULL,
	product_id BIGINT,
	words VARCHAR(500) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	by BIGINT NOT NULL,
	PRIMARY KEY (company, article_id, version),
	FOREIGN KEY(company, article_id) REFERENCES article (company, id)
);

CREATE TABLE article_search (
	id BIGSERIAL NOT NULL,
	company INTEGER NOT NULL,
	article_id BIGINT NOT NULL,
	title VARCHAR COLLATE "C" NOT NULL,
	words VARCHAR COLLATE "C" NOT NULL,
	body VARCHAR COLLATE "C" NOT NULL,
	terms TSVECTOR,
	PRIMARY KEY (id),
	UNIQUE (company, article_id),
	FOREIGN KEY(company, article_id) REFERENCES article (company, id)
);

CREATE TABLE callback (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	due_at TIMESTAMP WITH TIME ZONE NOT NULL,
	about VARCHAR(200) NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	done_at TIMESTAMP WITH TIME ZONE,
	until_at TIMESTAMP WITH TIME ZONE,
	phone VARCHAR(60) NOT NULL,
	owner_id BIGINT,
	ticket_id BIGINT,
	state VARCHAR(12) NOT NULL,
	moved_ours BOOLEAN NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, owner_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_callback_customer ON callback (company, customer_id, made_at);

CREATE INDEX ix_callback_due ON callback (company, done_at, due_at);

CREATE TABLE contact_phone (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	contact_id BIGINT,
	raw VARCHAR(60) NOT NULL,
	e164 VARCHAR(20) NOT NULL,
	digits_rev VARCHAR(40) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, contact_id) REFERENCES contact (company, id)
);

CREATE INDEX ix_contact_phone_customer ON contact_phone (company, customer_id);

CREATE INDEX ix_contact_phone_rev ON contact_phone (company, digits_rev text_pattern_ops);

CREATE TABLE corrective_action (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	ticket_id BIGINT NOT NULL,
	action VARCHAR(500) NOT NULL,
	owner_id BIGINT NOT NULL,
	due_on DATE NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	made_by BIGINT NOT NULL,
	done_at TIMESTAMP WITH TIME ZONE,
	result VARCHAR(500) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_corrective_action ON corrective_action (company, done_at, due_on);

CREATE TABLE credit_claim (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	request_id BIGINT NOT NULL,
	document_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	quantity BIGINT NOT NULL,
	net BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	state VARCHAR(10) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, request_id, document_id, line),
	FOREIGN KEY(company, request_id) REFERENCES approval_request (company, id),
	FOREIGN KEY(company, document_id) REFERENCES document (company, id)
);

CREATE INDEX ix_credit_claim_line ON credit_claim (company, document_id, line);

CREATE TABLE delivery (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	order_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	carrier VARCHAR(60) NOT NULL,
	tracking VARCHAR(60) NOT NULL,
	instructions VARCHAR(300) NOT NULL,
	planned_on DATE,
	dispatched_at TIMESTAMP WITH TIME ZONE,
	delivered_at TIMESTAMP WITH TIME ZONE,
	received_by VARCHAR(200) NOT NULL,
	source VARCHAR(20) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, order_id) REFERENCES sales_order (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_delivery_customer ON delivery (company, customer_id, id);

CREATE INDEX ix_delivery_delivered ON delivery (company, delivered_at);

CREATE INDEX ix_delivery_order ON delivery (company, order_id);

CREATE TABLE dispute (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	item_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	reason VARCHAR(40) NOT NULL,
	their_code VARCHAR(40) NOT NULL,
	state VARCHAR(20) NOT NULL,
	owner_id BIGINT,
	valid BIGINT,
	original BIGINT NOT NULL,
	open BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	credited BIGINT NOT NULL,
	cleared BIGINT NOT NULL,
	deadline_on DATE,
	note VARCHAR(2000) NOT NULL,
	request_id BIGINT,
	ticket_id BIGINT,
	ticket_line INTEGER,
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
	opened_by BIGINT NOT NULL,
	closed_at TIMESTAMP WITH TIME ZONE,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, item_id) REFERENCES open_item (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_dispute_account ON dispute (company, account_id, state);

CREATE INDEX ix_dispute_item ON dispute (company, item_id);

CREATE INDEX ix_dispute_ticket ON dispute (company, ticket_id, ticket_line);

CREATE TABLE document_line (
	company INTEGER NOT NULL,
	document_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	product_id BIGINT,
	description VARCHAR(300) NOT NULL,
	unit VARCHAR(20) NOT NULL,
	quantity BIGINT NOT NULL,
	price BIGINT NOT NULL,
	net BIGINT NOT NULL,
	tax_rate BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	tax_category VARCHAR(2) NOT NULL,
	tax_reason VARCHAR(200) NOT NULL,
	order_line INTEGER,
	flags VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, document_id, line),
	FOREIGN KEY(company, document_id) REFERENCES document (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_document_line_product ON document_line (company, product_id);

CREATE TABLE dunned_item (
	company INTEGER NOT NULL,
	notice_id BIGINT NOT NULL,
	item_id BIGINT NOT NULL,
	level INTEGER NOT NULL,
	open BIGINT NOT NULL,
	PRIMARY KEY (company, notice_id, item_id),
	FOREIGN KEY(company, notice_id) REFERENCES dunning_notice (company, id),
	FOREIGN KEY(company, item_id) REFERENCES open_item (company, id)
);

CREATE INDEX ix_dunned_item ON dunned_item (company, item_id);

CREATE TABLE escalation (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	ticket_id BIGINT NOT NULL,
	rule VARCHAR(40) NOT NULL,
	level INTEGER NOT NULL,
	epoch VARCHAR(40) NOT NULL,
	state VARCHAR(12) NOT NULL,
	to_staff BIGINT,
	why VARCHAR(300) NOT NULL,
	due_at TIMESTAMP WITH TIME ZONE NOT NULL,
	raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
	raised_by BIGINT NOT NULL,
	acknowledged_at TIMESTAMP WITH TIME ZONE,
	next_step VARCHAR(300) NOT NULL,
	next_at TIMESTAMP WITH TIME ZONE,
	ended_at TIMESTAMP WITH TIME ZONE,
	outcome VARCHAR(300) NOT NULL,
	seq INTEGER NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, ticket_id, rule, level, epoch),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_escalation_next ON escalation (company, state, next_at);

CREATE INDEX ix_escalation_to ON escalation (company, to_staff, state);

CREATE TABLE goods_return (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	document_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	quantity BIGINT NOT NULL,
	sound BOOLEAN NOT NULL,
	note VARCHAR(300) NOT NULL,
	received_at TIMESTAMP WITH TIME ZONE NOT NULL,
	received_by BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, document_id) REFERENCES document (company, id)
);

CREATE INDEX ix_goods_return_document ON goods_return (company, document_id, line);

CREATE TABLE order_hold (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	order_id BIGINT NOT NULL,
	kind VARCHAR(12) NOT NULL,
	reason VARCHAR(300) NOT NULL,
	lifted_by_duty VARCHAR(40) NOT NULL,
	placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
	lifted_at TIMESTAMP WITH TIME ZONE,
	lifted_by BIGINT,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, order_id) REFERENCES sales_order (company, id)
);

CREATE INDEX ix_order_hold_order ON order_hold (company, order_id);

CREATE TABLE order_line (
	company INTEGER NOT NULL,
	order_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	description VARCHAR(300) NOT NULL,
	unit VARCHAR(20) NOT NULL,
	factor BIGINT NOT NULL,
	quantity BIGINT NOT NULL,
	original_quantity BIGINT NOT NULL,
	price BIGINT NOT NULL,
	list_price BIGINT NOT NULL,
	price_source VARCHAR(120) NOT NULL,
	net BIGINT NOT NULL,
	tax_rate BIGINT NOT NULL,
	tax BIGINT NOT NULL,
	requested_on DATE,
	original_requested_on DATE,
	requested_by VARCHAR(10) NOT NULL,
	promised_on DATE,
	original_promised_on DATE,
	substituted_for_id BIGINT,
	cancelled_quantity BIGINT NOT NULL,
	cancel_reason VARCHAR(40) NOT NULL,
	cancelled_by BIGINT,
	allocated BIGINT NOT NULL,
	backordered BIGINT NOT NULL,
	picked BIGINT NOT NULL,
	shipped BIGINT NOT NULL,
	delivered BIGINT NOT NULL,
	PRIMARY KEY (company, order_id, line),
	FOREIGN KEY(company, order_id) REFERENCES sales_order (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_order_line_product ON order_line (company, product_id);

CREATE TABLE order_revision (
	company INTEGER NOT NULL,
	order_id BIGINT NOT NULL,
	revision INTEGER NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	staff_id BIGINT NOT NULL,
	wish VARCHAR(10) NOT NULL,
	summary VARCHAR(500) NOT NULL,
	before VARCHAR NOT NULL,
	after VARCHAR NOT NULL,
	PRIMARY KEY (company, order_id, revision),
	FOREIGN KEY(company, order_id) REFERENCES sales_order (company, id)
);

CREATE TABLE price_override (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	number VARCHAR(40) NOT NULL,
	request_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	product_id BIGINT NOT NULL,
	order_id BIGINT NOT NULL,
	unit VARCHAR(20) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	price BIGINT NOT NULL,
	quantity BIGINT NOT NULL,
	valid_from DATE NOT NULL,
	valid_until DATE NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, request_id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	FOREIGN KEY(company, request_id) REFERENCES approval_request (company, id)
);

CREATE INDEX ix_price_override ON price_override (company, customer_id, product_id);

CREATE TABLE proactive_line (
	company INTEGER NOT NULL,
	subject VARCHAR(10) NOT NULL,
	subject_id BIGINT NOT NULL,
	subject_line INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	fault VARCHAR(20) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (company, subject, subject_id, subject_line),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE TABLE promise (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	item_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	currency VARCHAR(3) NOT NULL,
	amount BIGINT NOT NULL,
	promised_on DATE NOT NULL,
	state VARCHAR(10) NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	made_by BIGINT NOT NULL,
	callback_id BIGINT,
	paid BIGINT NOT NULL,
	settled_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, item_id) REFERENCES open_item (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id)
);

CREATE INDEX ix_promise_account ON promise (company, account_id, state);

CREATE INDEX ix_promise_item ON promise (company, item_id);

CREATE TABLE reservation (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	order_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	warehouse VARCHAR(20) NOT NULL,
	receipt_id BIGINT,
	quantity BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, order_id) REFERENCES sales_order (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id)
);

CREATE INDEX ix_reservation_order ON reservation (company, order_id);

CREATE INDEX ix_reservation_product ON reservation (company, product_id, warehouse);

CREATE TABLE rule_override (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	rule VARCHAR(30) NOT NULL,
	customer_id BIGINT NOT NULL,
	until_on DATE NOT NULL,
	value BIGINT,
	reason VARCHAR(300) NOT NULL,
	request_id BIGINT NOT NULL,
	made_at TIMESTAMP WITH TIME ZONE NOT NULL,
	order_id BIGINT,
	used_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, request_id) REFERENCES approval_request (company, id)
);

CREATE INDEX ix_rule_override ON rule_override (company, customer_id, rule);

CREATE TABLE survey (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	ticket_id BIGINT NOT NULL,
	round INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	via VARCHAR(10) NOT NULL,
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
	answered_at TIMESTAMP WITH TIME ZONE,
	answered_by BIGINT,
	score INTEGER,
	recommend INTEGER,
	comment VARCHAR(2000) NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, code),
	UNIQUE (company, ticket_id, round),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_survey_asked ON survey (company, asked_at);

CREATE TABLE ticket_event (
	company INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	seq INTEGER NOT NULL,
	event VARCHAR(20) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	by BIGINT NOT NULL,
	data VARCHAR NOT NULL,
	PRIMARY KEY (company, ticket_id, seq),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE TABLE ticket_item (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	ticket_id BIGINT NOT NULL,
	seq INTEGER NOT NULL,
	kind VARCHAR(10) NOT NULL,
	visible BOOLEAN NOT NULL,
	recipients VARCHAR(1000) NOT NULL,
	subject VARCHAR(200) NOT NULL,
	body VARCHAR NOT NULL,
	author VARCHAR(200) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	by BIGINT NOT NULL,
	call_id BIGINT,
	request VARCHAR(60) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id),
	UNIQUE (company, ticket_id, request),
	CONSTRAINT ck_ticket_item_internal CHECK (visible OR recipients = '')
);

CREATE INDEX ix_ticket_item ON ticket_item (company, ticket_id, at);

CREATE TABLE ticket_lease (
	company INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	until TIMESTAMP WITH TIME ZONE NOT NULL,
	why VARCHAR(200) NOT NULL,
	PRIMARY KEY (company, ticket_id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE TABLE ticket_line (
	company INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	subject VARCHAR(10) NOT NULL,
	subject_id BIGINT NOT NULL,
	subject_line INTEGER NOT NULL,
	subject_number VARCHAR(40) NOT NULL,
	order_id BIGINT,
	order_line INTEGER,
	document_id BIGINT,
	document_line INTEGER,
	product_id BIGINT,
	code VARCHAR(60) NOT NULL,
	name VARCHAR(200) NOT NULL,
	unit VARCHAR(20) NOT NULL,
	quantity BIGINT NOT NULL,
	reason VARCHAR(40) NOT NULL,
	remedy VARCHAR(12) NOT NULL,
	currency VARCHAR(3) NOT NULL,
	claimed BIGINT NOT NULL,
	upheld BIGINT NOT NULL,
	request_id BIGINT,
	dispute_id BIGINT,
	replacement_request_id BIGINT,
	replacement_id BIGINT,
	PRIMARY KEY (company, ticket_id, line),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_ticket_line_dispute ON ticket_line (company, dispute_id);

CREATE INDEX ix_ticket_line_order ON ticket_line (company, order_id, order_line);

CREATE INDEX ix_ticket_line_replacement ON ticket_line (company, replacement_request_id);

CREATE INDEX ix_ticket_line_request ON ticket_line (company, request_id);

CREATE INDEX ix_ticket_line_subject ON ticket_line (company, subject, subject_id, subject_line);

CREATE TABLE ticket_referral (
	company INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	question VARCHAR(500) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	by BIGINT NOT NULL,
	ended_at TIMESTAMP WITH TIME ZONE,
	PRIMARY KEY (company, ticket_id, staff_id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE TABLE ticket_reply (
	company INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	visible BOOLEAN NOT NULL,
	body VARCHAR NOT NULL,
	base_version INTEGER NOT NULL,
	updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (company, ticket_id, staff_id, visible),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE TABLE ticket_search (
	id BIGSERIAL NOT NULL,
	company INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	body VARCHAR COLLATE "C" NOT NULL,
	terms TSVECTOR,
	PRIMARY KEY (id),
	UNIQUE (company, ticket_id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_ticket_search_latest ON ticket_search (company, id);

CREATE TABLE ticket_skip (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	ticket_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	why VARCHAR(200) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id)
);

CREATE INDEX ix_ticket_skip ON ticket_skip (company, staff_id, at);

CREATE TABLE callback_attempt (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	callback_id BIGINT NOT NULL,
	outcome VARCHAR(20) NOT NULL,
	note VARCHAR(500) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	by BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, callback_id) REFERENCES callback (company, id)
);

CREATE INDEX ix_callback_attempt ON callback_attempt (company, callback_id, at);

CREATE TABLE delivery_event (
	company INTEGER NOT NULL,
	delivery_id BIGINT NOT NULL,
	seq INTEGER NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	event VARCHAR(60) NOT NULL,
	status VARCHAR(60) NOT NULL,
	comment VARCHAR(300) NOT NULL,
	PRIMARY KEY (company, delivery_id, seq),
	FOREIGN KEY(company, delivery_id) REFERENCES delivery (company, id)
);

CREATE INDEX ix_delivery_event_at ON delivery_event (company, at);

CREATE TABLE delivery_line (
	company INTEGER NOT NULL,
	delivery_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	order_line INTEGER NOT NULL,
	shipped BIGINT NOT NULL,
	short BIGINT NOT NULL,
	damaged BIGINT NOT NULL,
	refused BIGINT NOT NULL,
	reason VARCHAR(40) NOT NULL,
	PRIMARY KEY (company, delivery_id, line),
	FOREIGN KEY(company, delivery_id) REFERENCES delivery (company, id)
);

CREATE TABLE dispute_event (
	company INTEGER NOT NULL,
	dispute_id BIGINT NOT NULL,
	version INTEGER NOT NULL,
	event VARCHAR(20) NOT NULL,
	state VARCHAR(20) NOT NULL,
	"on" DATE NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	by BIGINT NOT NULL,
	open BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	credited BIGINT NOT NULL,
	cleared BIGINT NOT NULL,
	note VARCHAR(500) NOT NULL,
	PRIMARY KEY (company, dispute_id, version),
	FOREIGN KEY(company, dispute_id) REFERENCES dispute (company, id)
);

CREATE TABLE dispute_evidence (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	dispute_id BIGINT NOT NULL,
	kind VARCHAR(20) NOT NULL,
	reference VARCHAR(200) NOT NULL,
	note VARCHAR(500) NOT NULL,
	at TIMESTAMP WITH TIME ZONE NOT NULL,
	by BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, dispute_id) REFERENCES dispute (company, id)
);

CREATE INDEX ix_dispute_evidence ON dispute_evidence (company, dispute_id);

CREATE FUNCTION csdesk_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'rows of % stand once they are written; correct them by a new row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;

CREATE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_audit_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_order_revision BEFORE UPDATE OR DELETE ON order_revision FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_order_revision_truncate BEFORE TRUNCATE ON order_revision FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_document BEFORE UPDATE OR DELETE ON document FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_document_truncate BEFORE TRUNCATE ON document FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_document_line BEFORE UPDATE OR DELETE ON document_line FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_document_line_truncate BEFORE TRUNCATE ON document_line FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_receipt BEFORE UPDATE OR DELETE ON receipt FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_receipt_truncate BEFORE TRUNCATE ON receipt FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_allocation BEFORE UPDATE OR DELETE ON allocation FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_allocation_truncate BEFORE TRUNCATE ON allocation FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_stock_movement BEFORE UPDATE OR DELETE ON stock_movement FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_stock_movement_truncate BEFORE TRUNCATE ON stock_movement FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_approval_mark BEFORE UPDATE OR DELETE ON approval_mark FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_approval_mark_truncate BEFORE TRUNCATE ON approval_mark FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ledger_entry BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ledger_entry_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_goods_return BEFORE UPDATE OR DELETE ON goods_return FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_goods_return_truncate BEFORE TRUNCATE ON goods_return FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dispute_event BEFORE UPDATE OR DELETE ON dispute_event FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dispute_event_truncate BEFORE TRUNCATE ON dispute_event FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dispute_evidence BEFORE UPDATE OR DELETE ON dispute_evidence FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dispute_evidence_truncate BEFORE TRUNCATE ON dispute_evidence FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dunning_notice BEFORE UPDATE OR DELETE ON dunning_notice FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dunning_notice_truncate BEFORE TRUNCATE ON dunning_notice FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dunned_item BEFORE UPDATE OR DELETE ON dunned_item FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_dunned_item_truncate BEFORE TRUNCATE ON dunned_item FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_contact_entry BEFORE UPDATE OR DELETE ON contact_entry FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_contact_entry_truncate BEFORE TRUNCATE ON contact_entry FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_price_override BEFORE UPDATE OR DELETE ON price_override FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_price_override_truncate BEFORE TRUNCATE ON price_override FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ticket_event BEFORE UPDATE OR DELETE ON ticket_event FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ticket_event_truncate BEFORE TRUNCATE ON ticket_event FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ticket_item BEFORE UPDATE OR DELETE ON ticket_item FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ticket_item_truncate BEFORE TRUNCATE ON ticket_item FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ticket_skip BEFORE UPDATE OR DELETE ON ticket_skip FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_ticket_skip_truncate BEFORE TRUNCATE ON ticket_skip FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_callback_attempt BEFORE UPDATE OR DELETE ON callback_attempt FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_callback_attempt_truncate BEFORE TRUNCATE ON callback_attempt FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_service_calendar BEFORE UPDATE OR DELETE ON service_calendar FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_service_calendar_truncate BEFORE TRUNCATE ON service_calendar FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_service_policy BEFORE UPDATE OR DELETE ON service_policy FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_service_policy_truncate BEFORE TRUNCATE ON service_policy FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_article_revision BEFORE UPDATE OR DELETE ON article_revision FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_article_revision_truncate BEFORE TRUNCATE ON article_revision FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_article_helped BEFORE UPDATE OR DELETE ON article_helped FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_article_helped_truncate BEFORE TRUNCATE ON article_helped FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_proactive_line BEFORE UPDATE OR DELETE ON proactive_line FOR EACH ROW EXECUTE FUNCTION csdesk_keep();

CREATE TRIGGER keep_proactive_line_truncate BEFORE TRUNCATE ON proactive_line FOR EACH STATEMENT EXECUTE FUNCTION csdesk_keep();

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE OR REPLACE FUNCTION csdesk_terms(body text, starts text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED COST 10000 AS $$ BEGIN RETURN string_to_array(body || starts, ' '); END $$;

CREATE INDEX IF NOT EXISTS lookup_customer_words ON customer_search USING gin (csdesk_terms(body, starts)) WITH (gin_pending_list_limit = 512);

CREATE INDEX IF NOT EXISTS lookup_customer_numbers ON customer_search USING gin (numbers gin_trgm_ops) WITH (gin_pending_list_limit = 512);

CREATE INDEX IF NOT EXISTS lookup_product_words ON product_search USING gin (csdesk_terms(body, starts)) WITH (gin_pending_list_limit = 512);

CREATE INDEX IF NOT EXISTS lookup_product_numbers ON product_search USING gin (numbers gin_trgm_ops) WITH (gin_pending_list_limit = 512);

CREATE INDEX IF NOT EXISTS lookup_word_grams ON search_word USING gin (word gin_trgm_ops) WITH (gin_pending_list_limit = 512);

CREATE INDEX IF NOT EXISTS lookup_order_number ON sales_order (company, number COLLATE "C");

CREATE INDEX IF NOT EXISTS lookup_document_number ON document (company, number COLLATE "C");

CREATE INDEX IF NOT EXISTS lookup_ticket_number ON ticket (company, number COLLATE "C");

CREATE INDEX IF NOT EXISTS lookup_article_terms ON article_search USING gin (terms);

CREATE INDEX IF NOT EXISTS lookup_ticket_terms ON ticket_search USING gin (terms) WITH (gin_pending_list_limit = 512);

