CREATE TABLE accepted_conflict (
	company INTEGER NOT NULL,
	person_id BIGINT NOT NULL,
	duty_a VARCHAR(40) NOT NULL,
	duty_b VARCHAR(40) NOT NULL,
	control VARCHAR(300) NOT NULL,
	accepted_at DATETIME NOT NULL,
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
	UNIQUE (company, kind, currency, up_to),
	CONSTRAINT ck_approval_tier_up_to_int CHECK (up_to IS NULL OR typeof(up_to) = 'integer')
);

CREATE TABLE audit (
	company INTEGER NOT NULL,
	lane BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	at DATETIME NOT NULL,
	actor VARCHAR(200) NOT NULL,
	verb VARCHAR(60) NOT NULL,
	subject VARCHAR(40) NOT NULL,
	subject_id BIGINT NOT NULL,
	"before" VARCHAR NOT NULL,
	"after" VARCHAR NOT NULL,
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
	taken_at DATETIME NOT NULL,
	settled_at DATETIME,
	settled_by BIGINT,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	UNIQUE (company, bank_reference),
	CONSTRAINT ck_bank_line_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer')
);

CREATE INDEX ix_bank_line_state ON bank_line (company, state, received_on);

CREATE TABLE canned_reply (
	company INTEGER NOT NULL,
	code VARCHAR(12) NOT NULL,
	title VARCHAR(200) NOT NULL,
	body VARCHAR NOT NULL,
	kind VARCHAR(5) NOT NULL,
	acts VARCHAR NOT NULL,
	written_at DATETIME NOT NULL,
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
	PRIMARY KEY (company, id),
	CONSTRAINT ck_credit_account_credit_limit_int CHECK (credit_limit IS NULL OR typeof(credit_limit) = 'integer'),
	CONSTRAINT ck_credit_account_orders_int CHECK (orders IS NULL OR typeof(orders) = 'integer'),
	CONSTRAINT ck_credit_account_delivered_int CHECK (delivered IS NULL OR typeof(delivered) = 'integer'),
	CONSTRAINT ck_credit_account_billed_int CHECK (billed IS NULL OR typeof(billed) = 'integer'),
	CONSTRAINT ck_credit_account_open_debit_int CHECK (open_debit IS NULL OR typeof(open_debit) = 'integer'),
	CONSTRAINT ck_credit_account_open_credit_int CHECK (open_credit IS NULL OR typeof(open_credit) = 'integer'),
	CONSTRAINT ck_credit_account_last_payment_int CHECK (last_payment IS NULL OR typeof(last_payment) = 'integer')
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
	UNIQUE (company, code),
	CONSTRAINT ck_deal_value_int CHECK (value IS NULL OR typeof(value) = 'integer'),
	CONSTRAINT ck_deal_buy_int CHECK (buy IS NULL OR typeof(buy) = 'integer'),
	CONSTRAINT ck_deal_free_int CHECK (free IS NULL OR typeof(free) = 'integer')
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
	made_at DATETIME NOT NULL,
	made_by BIGINT NOT NULL,
	ended_at DATETIME,
	PRIMARY KEY (company, id),
	CONSTRAINT ck_delegation_cap_int CHECK (cap IS NULL OR typeof(cap) = 'integer')
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
	PRIMARY KEY (company, procedure, level),
	CONSTRAINT ck_dunning_level_minimum_int CHECK (minimum IS NULL OR typeof(minimum) = 'integer'),
	CONSTRAINT ck_dunning_level_minimum_percent_int CHECK (minimum_percent IS NULL OR typeof(minimum_percent) = 'integer'),
	CONSTRAINT ck_dunning_level_fee_int CHECK (fee IS NULL OR typeof(fee) = 'integer'),
	CONSTRAINT ck_dunning_level_interest_percent_int CHECK (interest_percent IS NULL OR typeof(interest_percent) = 'integer')
);

CREATE TABLE dunning_run (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	run_on DATE NOT NULL,
	began_at DATETIME NOT NULL,
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
	made_at DATETIME NOT NULL,
	made_by BIGINT NOT NULL,
	until_at DATETIME NOT NULL,
	note VARCHAR(2000) NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE INDEX ix_handover_team ON handover (company, team, made_at);

CREATE TABLE import_key (
	company INTEGER NOT NULL,
	source VARCHAR(60) NOT NULL,
	entity VARCHAR(40) NOT NULL,
	"key" VARCHAR(200) NOT NULL,
	subject_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	row_hash VARCHAR(64) NOT NULL,
	PRIMARY KEY (company, source, entity, "key")
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
	"row" INTEGER NOT NULL,
	"key" VARCHAR(200) NOT NULL,
	code VARCHAR(20) NOT NULL,
	reason VARCHAR(500) NOT NULL,
	data VARCHAR NOT NULL,
	digest VARCHAR(64) NOT NULL,
	resolved_at DATETIME,
	PRIMARY KEY (company, id)
);

CREATE INDEX ix_import_quarantine_digest ON import_quarantine (company, source, digest);

CREATE INDEX ix_import_quarantine_key ON import_quarantine (company, source, part, "key");

CREATE INDEX ix_import_quarantine_open ON import_quarantine (company, resolved_at);

CREATE TABLE import_run (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	source VARCHAR(60) NOT NULL,
	part VARCHAR(40) NOT NULL,
	file VARCHAR(300) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	at DATETIME NOT NULL,
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
	PRIMARY KEY (company, source),
	CONSTRAINT ck_import_source_opening_receivables_int CHECK (opening_receivables IS NULL OR typeof(opening_receivables) = 'integer')
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
	PRIMARY KEY (company, source, source_id, place),
	CONSTRAINT ck_ledger_entry_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer')
);

CREATE INDEX ix_ledger_entry_account ON ledger_entry (company, account_id, posted_on);

CREATE INDEX ix_ledger_entry_day ON ledger_entry (company, gl, posted_on);

CREATE TABLE login_authority (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	fingerprint VARCHAR(60) NOT NULL,
	public VARCHAR NOT NULL,
	comment VARCHAR(200) NOT NULL,
	added_at DATETIME NOT NULL,
	added_by BIGINT NOT NULL,
	ended_at DATETIME,
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
	due_at DATETIME NOT NULL,
	sent_at DATETIME,
	withdrawn_at DATETIME,
	claimed_at DATETIME,
	claimed_by VARCHAR(80) NOT NULL,
	attempts INTEGER NOT NULL,
	try_after DATETIME,
	parked_at DATETIME,
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
	changed_at DATETIME NOT NULL,
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
	at DATETIME NOT NULL,
	reply VARCHAR NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE TABLE ringing (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	phone VARCHAR(60) NOT NULL,
	at DATETIME NOT NULL,
	taken_at DATETIME,
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
	id INTEGER NOT NULL,
	company INTEGER NOT NULL,
	kind VARCHAR(10) NOT NULL,
	word VARCHAR NOT NULL,
	reversed VARCHAR NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (company, kind, word)
);

CREATE INDEX ix_search_word_reversed ON search_word (company, kind, reversed);

CREATE TABLE service_calendar (
	company INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	version INTEGER NOT NULL,
	hours VARCHAR NOT NULL,
	made_at DATETIME NOT NULL,
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
	PRIMARY KEY (company, code),
	CONSTRAINT ck_tax_code_rate_int CHECK (rate IS NULL OR typeof(rate) = 'integer')
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
	at DATETIME NOT NULL,
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
	FOREIGN KEY(company, terms) REFERENCES terms (company, code),
	CONSTRAINT ck_customer_minimum_order_int CHECK (minimum_order IS NULL OR typeof(minimum_order) = 'integer')
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
	made_at DATETIME NOT NULL,
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
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	CONSTRAINT ck_dunning_notice_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer'),
	CONSTRAINT ck_dunning_notice_fee_int CHECK (fee IS NULL OR typeof(fee) = 'integer'),
	CONSTRAINT ck_dunning_notice_interest_int CHECK (interest IS NULL OR typeof(interest) = 'integer')
);

CREATE INDEX ix_dunning_notice_account ON dunning_notice (company, account_id, run_on);

CREATE TABLE handover_line (
	company INTEGER NOT NULL,
	handover_id BIGINT NOT NULL,
	line INTEGER NOT NULL,
	kind VARCHAR(12) NOT NULL,
	subject_id BIGINT,
	from_staff BIGINT NOT NULL,
	due_at DATETIME,
	words VARCHAR(300) NOT NULL,
	accepted_by BIGINT,
	accepted_at DATETIME,
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
	FOREIGN KEY(company, tax_code) REFERENCES tax_code (company, code),
	CONSTRAINT ck_product_minimum_int CHECK (minimum IS NULL OR typeof(minimum) = 'integer'),
	CONSTRAINT ck_product_multiple_int CHECK (multiple IS NULL OR typeof(multiple) = 'integer'),
	CONSTRAINT ck_product_retail_price_int CHECK (retail_price IS NULL OR typeof(retail_price) = 'integer')
);

CREATE INDEX ix_product_code ON product (company, code_key);

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
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	CONSTRAINT ck_receipt_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer')
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
	made_at DATETIME NOT NULL,
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
	made_at DATETIME NOT NULL,
	submitted_at DATETIME,
	decided_at DATETIME,
	decided_by BIGINT,
	why VARCHAR(500) NOT NULL,
	post_after DATETIME,
	posted_id BIGINT,
	dispute_id BIGINT,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	FOREIGN KEY(company, maker_staff_id) REFERENCES staff (company, id),
	CONSTRAINT ck_approval_request_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer'),
	CONSTRAINT ck_approval_request_counted_int CHECK (counted IS NULL OR typeof(counted) = 'integer')
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
	written_at DATETIME NOT NULL,
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
	began_at DATETIME NOT NULL,
	until DATETIME NOT NULL,
	reviewed_at DATETIME,
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
	started_at DATETIME NOT NULL,
	ended_at DATETIME,
	prompt VARCHAR NOT NULL,
	"view" VARCHAR(200) NOT NULL,
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
	at DATETIME NOT NULL,
	hold_until DATETIME NOT NULL,
	undo VARCHAR NOT NULL,
	undone_at DATETIME,
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
	id INTEGER NOT NULL,
	company INTEGER NOT NULL,
	customer_id BIGINT NOT NULL,
	head VARCHAR NOT NULL,
	code VARCHAR NOT NULL,
	body VARCHAR NOT NULL,
	numbers VARCHAR NOT NULL,
	starts VARCHAR NOT NULL,
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
	started_at DATETIME NOT NULL,
	typed_at DATETIME NOT NULL,
	ended_at DATETIME,
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
	issued_at DATETIME,
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
	FOREIGN KEY(company, account_id) REFERENCES credit_account (company, id),
	CONSTRAINT ck_document_net_int CHECK (net IS NULL OR typeof(net) = 'integer'),
	CONSTRAINT ck_document_tax_int CHECK (tax IS NULL OR typeof(tax) = 'integer'),
	CONSTRAINT ck_document_gross_int CHECK (gross IS NULL OR typeof(gross) = 'integer')
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
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
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
	CONSTRAINT ck_expected_receipt_reserved CHECK (reserved >= 0 AND reserved <= quantity),
	CONSTRAINT ck_expected_receipt_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer'),
	CONSTRAINT ck_expected_receipt_reserved_int CHECK (reserved IS NULL OR typeof(reserved) = 'integer')
);

CREATE INDEX ix_expected_receipt_product ON expected_receipt (company, product_id, warehouse, due_on);

CREATE TABLE half_typed (
	company INTEGER NOT NULL,
	staff_id BIGINT NOT NULL,
	prompt VARCHAR NOT NULL,
	"view" VARCHAR(200) NOT NULL,
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
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	CONSTRAINT ck_open_item_face_int CHECK (face IS NULL OR typeof(face) = 'integer'),
	CONSTRAINT ck_open_item_open_int CHECK (open IS NULL OR typeof(open) = 'integer')
);

CREATE INDEX ix_open_item_account ON open_item (company, account_id, due_on);

CREATE INDEX ix_open_item_open ON open_item (company, account_id, due_on, id, open) WHERE open <> 0;

CREATE TABLE pack_unit (
	company INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	unit VARCHAR(20) NOT NULL,
	factor BIGINT NOT NULL,
	PRIMARY KEY (company, product_id, unit),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_pack_unit_factor_int CHECK (factor IS NULL OR typeof(factor) = 'integer')
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
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_price_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer'),
	CONSTRAINT ck_price_per_int CHECK (per IS NULL OR typeof(per) = 'integer'),
	CONSTRAINT ck_price_min_quantity_int CHECK (min_quantity IS NULL OR typeof(min_quantity) = 'integer')
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
	id INTEGER NOT NULL,
	company INTEGER NOT NULL,
	product_id BIGINT NOT NULL,
	head VARCHAR NOT NULL,
	code VARCHAR NOT NULL,
	body VARCHAR NOT NULL,
	numbers VARCHAR NOT NULL,
	starts VARCHAR NOT NULL,
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
	placed_at DATETIME NOT NULL,
	placed_by BIGINT,
	picked_at DATETIME,
	changed_at DATETIME,
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
	FOREIGN KEY(company, warehouse) REFERENCES warehouse (company, code),
	CONSTRAINT ck_sales_order_net_int CHECK (net IS NULL OR typeof(net) = 'integer'),
	CONSTRAINT ck_sales_order_tax_int CHECK (tax IS NULL OR typeof(tax) = 'integer'),
	CONSTRAINT ck_sales_order_gross_int CHECK (gross IS NULL OR typeof(gross) = 'integer'),
	CONSTRAINT ck_sales_order_exposure_int CHECK (exposure IS NULL OR typeof(exposure) = 'integer'),
	CONSTRAINT ck_sales_order_released_value_int CHECK (released_value IS NULL OR typeof(released_value) = 'integer')
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
	starts_at DATETIME NOT NULL,
	ends_at DATETIME NOT NULL,
	ended_at DATETIME,
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
	added_at DATETIME NOT NULL,
	added_by BIGINT NOT NULL,
	ended_at DATETIME,
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
	changed_at DATETIME,
	once_until DATETIME,
	totp VARCHAR(64) NOT NULL,
	totp_step BIGINT NOT NULL,
	failures INTEGER NOT NULL,
	failed_at DATETIME,
	locked_until DATETIME,
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
	CONSTRAINT ck_stock_reserved CHECK (reserved >= 0),
	CONSTRAINT ck_stock_on_hand_int CHECK (on_hand IS NULL OR typeof(on_hand) = 'integer'),
	CONSTRAINT ck_stock_reserved_int CHECK (reserved IS NULL OR typeof(reserved) = 'integer'),
	CONSTRAINT ck_stock_reorder_level_int CHECK (reorder_level IS NULL OR typeof(reorder_level) = 'integer'),
	CONSTRAINT ck_stock_target_level_int CHECK (target_level IS NULL OR typeof(target_level) = 'integer')
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
	at DATETIME NOT NULL,
	source VARCHAR(20) NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_stock_movement_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer')
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
	cutoff_at DATETIME,
	opened_at DATETIME NOT NULL,
	opened_by BIGINT NOT NULL,
	source VARCHAR(20) NOT NULL,
	policy VARCHAR(40) NOT NULL,
	policy_version INTEGER NOT NULL,
	waits_for VARCHAR(10) NOT NULL,
	waits_on VARCHAR(200) NOT NULL,
	question VARCHAR(500) NOT NULL,
	wake_at DATETIME,
	stage VARCHAR(20) NOT NULL,
	told_at DATETIME,
	resolution VARCHAR(500) NOT NULL,
	resolved_at DATETIME,
	closed_at DATETIME,
	reopened INTEGER NOT NULL,
	reassigned INTEGER NOT NULL,
	merged_into BIGINT,
	follow_up_of BIGINT,
	due_at DATETIME,
	due_kind VARCHAR(20) NOT NULL,
	breaches INTEGER NOT NULL,
	next_at DATETIME,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, owner_id) REFERENCES staff (company, id),
	FOREIGN KEY(company, queue) REFERENCES service_queue (company, code),
	CONSTRAINT ck_ticket_value_int CHECK (value IS NULL OR typeof(value) = 'integer')
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
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_usual_item_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer')
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
	FOREIGN KEY(company, credit_item_id) REFERENCES open_item (company, id),
	CONSTRAINT ck_allocation_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer')
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
	at DATETIME NOT NULL,
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
	at DATETIME NOT NULL,
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
	at DATETIME NOT NULL,
	"by" BIGINT NOT NULL,
	PRIMARY KEY (company, article_id, version),
	FOREIGN KEY(company, article_id) REFERENCES article (company, id)
);

CREATE TABLE article_search (
	id INTEGER NOT NULL,
	company INTEGER NOT NULL,
	article_id BIGINT NOT NULL,
	title VARCHAR NOT NULL,
	words VARCHAR NOT NULL,
	body VARCHAR NOT NULL,
	terms TEXT,
	PRIMARY KEY (id),
	UNIQUE (company, article_id),
	FOREIGN KEY(company, article_id) REFERENCES article (company, id)
);

CREATE TABLE callback (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	staff_id BIGINT NOT NULL,
	due_at DATETIME NOT NULL,
	about VARCHAR(200) NOT NULL,
	made_at DATETIME NOT NULL,
	done_at DATETIME,
	until_at DATETIME,
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

CREATE INDEX ix_contact_phone_rev ON contact_phone (company, digits_rev);

CREATE TABLE corrective_action (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	ticket_id BIGINT NOT NULL,
	action VARCHAR(500) NOT NULL,
	owner_id BIGINT NOT NULL,
	due_on DATE NOT NULL,
	made_at DATETIME NOT NULL,
	made_by BIGINT NOT NULL,
	done_at DATETIME,
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
	FOREIGN KEY(company, document_id) REFERENCES document (company, id),
	CONSTRAINT ck_credit_claim_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer'),
	CONSTRAINT ck_credit_claim_net_int CHECK (net IS NULL OR typeof(net) = 'integer'),
	CONSTRAINT ck_credit_claim_tax_int CHECK (tax IS NULL OR typeof(tax) = 'integer')
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
	dispatched_at DATETIME,
	delivered_at DATETIME,
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
	opened_at DATETIME NOT NULL,
	opened_by BIGINT NOT NULL,
	closed_at DATETIME,
	version INTEGER NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, item_id) REFERENCES open_item (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id),
	CONSTRAINT ck_dispute_valid_int CHECK (valid IS NULL OR typeof(valid) = 'integer'),
	CONSTRAINT ck_dispute_original_int CHECK (original IS NULL OR typeof(original) = 'integer'),
	CONSTRAINT ck_dispute_open_int CHECK (open IS NULL OR typeof(open) = 'integer'),
	CONSTRAINT ck_dispute_paid_int CHECK (paid IS NULL OR typeof(paid) = 'integer'),
	CONSTRAINT ck_dispute_credited_int CHECK (credited IS NULL OR typeof(credited) = 'integer'),
	CONSTRAINT ck_dispute_cleared_int CHECK (cleared IS NULL OR typeof(cleared) = 'integer')
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
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_document_line_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer'),
	CONSTRAINT ck_document_line_price_int CHECK (price IS NULL OR typeof(price) = 'integer'),
	CONSTRAINT ck_document_line_net_int CHECK (net IS NULL OR typeof(net) = 'integer'),
	CONSTRAINT ck_document_line_tax_rate_int CHECK (tax_rate IS NULL OR typeof(tax_rate) = 'integer'),
	CONSTRAINT ck_document_line_tax_int CHECK (tax IS NULL OR typeof(tax) = 'integer')
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
	FOREIGN KEY(company, item_id) REFERENCES open_item (company, id),
	CONSTRAINT ck_dunned_item_open_int CHECK (open IS NULL OR typeof(open) = 'integer')
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
	due_at DATETIME NOT NULL,
	raised_at DATETIME NOT NULL,
	raised_by BIGINT NOT NULL,
	acknowledged_at DATETIME,
	next_step VARCHAR(300) NOT NULL,
	next_at DATETIME,
	ended_at DATETIME,
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
	received_at DATETIME NOT NULL,
	received_by BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, number),
	FOREIGN KEY(company, document_id) REFERENCES document (company, id),
	CONSTRAINT ck_goods_return_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer')
);

CREATE INDEX ix_goods_return_document ON goods_return (company, document_id, line);

CREATE TABLE order_hold (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	order_id BIGINT NOT NULL,
	kind VARCHAR(12) NOT NULL,
	reason VARCHAR(300) NOT NULL,
	lifted_by_duty VARCHAR(40) NOT NULL,
	placed_at DATETIME NOT NULL,
	lifted_at DATETIME,
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
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_order_line_factor_int CHECK (factor IS NULL OR typeof(factor) = 'integer'),
	CONSTRAINT ck_order_line_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer'),
	CONSTRAINT ck_order_line_original_quantity_int CHECK (original_quantity IS NULL OR typeof(original_quantity) = 'integer'),
	CONSTRAINT ck_order_line_price_int CHECK (price IS NULL OR typeof(price) = 'integer'),
	CONSTRAINT ck_order_line_list_price_int CHECK (list_price IS NULL OR typeof(list_price) = 'integer'),
	CONSTRAINT ck_order_line_net_int CHECK (net IS NULL OR typeof(net) = 'integer'),
	CONSTRAINT ck_order_line_tax_rate_int CHECK (tax_rate IS NULL OR typeof(tax_rate) = 'integer'),
	CONSTRAINT ck_order_line_tax_int CHECK (tax IS NULL OR typeof(tax) = 'integer'),
	CONSTRAINT ck_order_line_cancelled_quantity_int CHECK (cancelled_quantity IS NULL OR typeof(cancelled_quantity) = 'integer'),
	CONSTRAINT ck_order_line_allocated_int CHECK (allocated IS NULL OR typeof(allocated) = 'integer'),
	CONSTRAINT ck_order_line_backordered_int CHECK (backordered IS NULL OR typeof(backordered) = 'integer'),
	CONSTRAINT ck_order_line_picked_int CHECK (picked IS NULL OR typeof(picked) = 'integer'),
	CONSTRAINT ck_order_line_shipped_int CHECK (shipped IS NULL OR typeof(shipped) = 'integer'),
	CONSTRAINT ck_order_line_delivered_int CHECK (delivered IS NULL OR typeof(delivered) = 'integer')
);

CREATE INDEX ix_order_line_product ON order_line (company, product_id);

CREATE TABLE order_revision (
	company INTEGER NOT NULL,
	order_id BIGINT NOT NULL,
	revision INTEGER NOT NULL,
	at DATETIME NOT NULL,
	staff_id BIGINT NOT NULL,
	wish VARCHAR(10) NOT NULL,
	summary VARCHAR(500) NOT NULL,
	"before" VARCHAR NOT NULL,
	"after" VARCHAR NOT NULL,
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
	made_at DATETIME NOT NULL,
	PRIMARY KEY (company, id),
	UNIQUE (company, request_id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	FOREIGN KEY(company, request_id) REFERENCES approval_request (company, id),
	CONSTRAINT ck_price_override_price_int CHECK (price IS NULL OR typeof(price) = 'integer'),
	CONSTRAINT ck_price_override_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer')
);

CREATE INDEX ix_price_override ON price_override (company, customer_id, product_id);

CREATE TABLE proactive_line (
	company INTEGER NOT NULL,
	subject VARCHAR(10) NOT NULL,
	subject_id BIGINT NOT NULL,
	subject_line INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	fault VARCHAR(20) NOT NULL,
	at DATETIME NOT NULL,
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
	made_at DATETIME NOT NULL,
	made_by BIGINT NOT NULL,
	callback_id BIGINT,
	paid BIGINT NOT NULL,
	settled_at DATETIME,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, item_id) REFERENCES open_item (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	CONSTRAINT ck_promise_amount_int CHECK (amount IS NULL OR typeof(amount) = 'integer'),
	CONSTRAINT ck_promise_paid_int CHECK (paid IS NULL OR typeof(paid) = 'integer')
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
	FOREIGN KEY(company, product_id) REFERENCES product (company, id),
	CONSTRAINT ck_reservation_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer')
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
	made_at DATETIME NOT NULL,
	order_id BIGINT,
	used_at DATETIME,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, customer_id) REFERENCES customer (company, id),
	FOREIGN KEY(company, request_id) REFERENCES approval_request (company, id),
	CONSTRAINT ck_rule_override_value_int CHECK (value IS NULL OR typeof(value) = 'integer')
);

CREATE INDEX ix_rule_override ON rule_override (company, customer_id, rule);

CREATE TABLE survey (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	ticket_id BIGINT NOT NULL,
	round INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	via VARCHAR(10) NOT NULL,
	asked_at DATETIME NOT NULL,
	answered_at DATETIME,
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
	at DATETIME NOT NULL,
	"by" BIGINT NOT NULL,
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
	at DATETIME NOT NULL,
	"by" BIGINT NOT NULL,
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
	until DATETIME NOT NULL,
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
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id),
	CONSTRAINT ck_ticket_line_quantity_int CHECK (quantity IS NULL OR typeof(quantity) = 'integer'),
	CONSTRAINT ck_ticket_line_claimed_int CHECK (claimed IS NULL OR typeof(claimed) = 'integer'),
	CONSTRAINT ck_ticket_line_upheld_int CHECK (upheld IS NULL OR typeof(upheld) = 'integer')
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
	at DATETIME NOT NULL,
	"by" BIGINT NOT NULL,
	ended_at DATETIME,
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
	updated_at DATETIME NOT NULL,
	PRIMARY KEY (company, ticket_id, staff_id, visible),
	FOREIGN KEY(company, ticket_id) REFERENCES ticket (company, id),
	FOREIGN KEY(company, staff_id) REFERENCES staff (company, id)
);

CREATE TABLE ticket_search (
	id INTEGER NOT NULL,
	company INTEGER NOT NULL,
	ticket_id BIGINT NOT NULL,
	body VARCHAR NOT NULL,
	terms TEXT,
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
	at DATETIME NOT NULL,
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
	at DATETIME NOT NULL,
	"by" BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, callback_id) REFERENCES callback (company, id)
);

CREATE INDEX ix_callback_attempt ON callback_attempt (company, callback_id, at);

CREATE TABLE delivery_event (
	company INTEGER NOT NULL,
	delivery_id BIGINT NOT NULL,
	seq INTEGER NOT NULL,
	at DATETIME NOT NULL,
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
	FOREIGN KEY(company, delivery_id) REFERENCES delivery (company, id),
	CONSTRAINT ck_delivery_line_shipped_int CHECK (shipped IS NULL OR typeof(shipped) = 'integer'),
	CONSTRAINT ck_delivery_line_short_int CHECK (short IS NULL OR typeof(short) = 'integer'),
	CONSTRAINT ck_delivery_line_damaged_int CHECK (damaged IS NULL OR typeof(damaged) = 'integer'),
	CONSTRAINT ck_delivery_line_refused_int CHECK (refused IS NULL OR typeof(refused) = 'integer')
);

CREATE TABLE dispute_event (
	company INTEGER NOT NULL,
	dispute_id BIGINT NOT NULL,
	version INTEGER NOT NULL,
	event VARCHAR(20) NOT NULL,
	state VARCHAR(20) NOT NULL,
	"on" DATE NOT NULL,
	at DATETIME NOT NULL,
	"by" BIGINT NOT NULL,
	open BIGINT NOT NULL,
	paid BIGINT NOT NULL,
	credited BIGINT NOT NULL,
	cleared BIGINT NOT NULL,
	note VARCHAR(500) NOT NULL,
	PRIMARY KEY (company, dispute_id, version),
	FOREIGN KEY(company, dispute_id) REFERENCES dispute (company, id),
	CONSTRAINT ck_dispute_event_open_int CHECK (open IS NULL OR typeof(open) = 'integer'),
	CONSTRAINT ck_dispute_event_paid_int CHECK (paid IS NULL OR typeof(paid) = 'integer'),
	CONSTRAINT ck_dispute_event_credited_int CHECK (credited IS NULL OR typeof(credited) = 'integer'),
	CONSTRAINT ck_dispute_event_cleared_int CHECK (cleared IS NULL OR typeof(cleared) = 'integer')
);

CREATE TABLE dispute_evidence (
	company INTEGER NOT NULL,
	id BIGINT NOT NULL,
	dispute_id BIGINT NOT NULL,
	kind VARCHAR(20) NOT NULL,
	reference VARCHAR(200) NOT NULL,
	note VARCHAR(500) NOT NULL,
	at DATETIME NOT NULL,
	"by" BIGINT NOT NULL,
	PRIMARY KEY (company, id),
	FOREIGN KEY(company, dispute_id) REFERENCES dispute (company, id)
);

CREATE INDEX ix_dispute_evidence ON dispute_evidence (company, dispute_id);

CREATE TRIGGER keep_audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'rows of audit stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_audit_insert BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE company = NEW.company AND lane = NEW.lane AND seq = NEW.seq) OR EXISTS (SELECT 1 FROM audit WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of audit stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_order_revision_update BEFORE UPDATE ON order_revision BEGIN SELECT RAISE(ABORT, 'rows of order_revision stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_order_revision_delete BEFORE DELETE ON order_revision BEGIN SELECT RAISE(ABORT, 'rows of order_revision stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_order_revision_insert BEFORE INSERT ON order_revision WHEN EXISTS (SELECT 1 FROM order_revision WHERE company = NEW.company AND order_id = NEW.order_id AND revision = NEW.revision) OR EXISTS (SELECT 1 FROM order_revision WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of order_revision stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_document_update BEFORE UPDATE ON document BEGIN SELECT RAISE(ABORT, 'rows of document stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_document_delete BEFORE DELETE ON document BEGIN SELECT RAISE(ABORT, 'rows of document stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_document_insert BEFORE INSERT ON document WHEN EXISTS (SELECT 1 FROM document WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM document WHERE company = NEW.company AND kind = NEW.kind AND number = NEW.number) OR EXISTS (SELECT 1 FROM document WHERE company = NEW.company AND receipt_id = NEW.receipt_id) OR EXISTS (SELECT 1 FROM document WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of document stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_document_line_update BEFORE UPDATE ON document_line BEGIN SELECT RAISE(ABORT, 'rows of document_line stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_document_line_delete BEFORE DELETE ON document_line BEGIN SELECT RAISE(ABORT, 'rows of document_line stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_document_line_insert BEFORE INSERT ON document_line WHEN EXISTS (SELECT 1 FROM document_line WHERE company = NEW.company AND document_id = NEW.document_id AND line = NEW.line) OR EXISTS (SELECT 1 FROM document_line WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of document_line stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_receipt_update BEFORE UPDATE ON receipt BEGIN SELECT RAISE(ABORT, 'rows of receipt stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_receipt_delete BEFORE DELETE ON receipt BEGIN SELECT RAISE(ABORT, 'rows of receipt stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_receipt_insert BEFORE INSERT ON receipt WHEN EXISTS (SELECT 1 FROM receipt WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM receipt WHERE company = NEW.company AND number = NEW.number AND source = NEW.source) OR EXISTS (SELECT 1 FROM receipt WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of receipt stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_allocation_update BEFORE UPDATE ON allocation BEGIN SELECT RAISE(ABORT, 'rows of allocation stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_allocation_delete BEFORE DELETE ON allocation BEGIN SELECT RAISE(ABORT, 'rows of allocation stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_allocation_insert BEFORE INSERT ON allocation WHEN EXISTS (SELECT 1 FROM allocation WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM allocation WHERE company = NEW.company AND reverses_id = NEW.reverses_id) OR EXISTS (SELECT 1 FROM allocation WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of allocation stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_stock_movement_update BEFORE UPDATE ON stock_movement BEGIN SELECT RAISE(ABORT, 'rows of stock_movement stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_stock_movement_delete BEFORE DELETE ON stock_movement BEGIN SELECT RAISE(ABORT, 'rows of stock_movement stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_stock_movement_insert BEFORE INSERT ON stock_movement WHEN EXISTS (SELECT 1 FROM stock_movement WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM stock_movement WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of stock_movement stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_approval_mark_update BEFORE UPDATE ON approval_mark BEGIN SELECT RAISE(ABORT, 'rows of approval_mark stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_approval_mark_delete BEFORE DELETE ON approval_mark BEGIN SELECT RAISE(ABORT, 'rows of approval_mark stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_approval_mark_insert BEFORE INSERT ON approval_mark WHEN EXISTS (SELECT 1 FROM approval_mark WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM approval_mark WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of approval_mark stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ledger_entry_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'rows of ledger_entry stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ledger_entry_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'rows of ledger_entry stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ledger_entry_insert BEFORE INSERT ON ledger_entry WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE company = NEW.company AND source = NEW.source AND source_id = NEW.source_id AND place = NEW.place) OR EXISTS (SELECT 1 FROM ledger_entry WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of ledger_entry stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_goods_return_update BEFORE UPDATE ON goods_return BEGIN SELECT RAISE(ABORT, 'rows of goods_return stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_goods_return_delete BEFORE DELETE ON goods_return BEGIN SELECT RAISE(ABORT, 'rows of goods_return stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_goods_return_insert BEFORE INSERT ON goods_return WHEN EXISTS (SELECT 1 FROM goods_return WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM goods_return WHERE company = NEW.company AND number = NEW.number) OR EXISTS (SELECT 1 FROM goods_return WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of goods_return stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dispute_event_update BEFORE UPDATE ON dispute_event BEGIN SELECT RAISE(ABORT, 'rows of dispute_event stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dispute_event_delete BEFORE DELETE ON dispute_event BEGIN SELECT RAISE(ABORT, 'rows of dispute_event stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dispute_event_insert BEFORE INSERT ON dispute_event WHEN EXISTS (SELECT 1 FROM dispute_event WHERE company = NEW.company AND dispute_id = NEW.dispute_id AND version = NEW.version) OR EXISTS (SELECT 1 FROM dispute_event WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of dispute_event stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dispute_evidence_update BEFORE UPDATE ON dispute_evidence BEGIN SELECT RAISE(ABORT, 'rows of dispute_evidence stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dispute_evidence_delete BEFORE DELETE ON dispute_evidence BEGIN SELECT RAISE(ABORT, 'rows of dispute_evidence stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dispute_evidence_insert BEFORE INSERT ON dispute_evidence WHEN EXISTS (SELECT 1 FROM dispute_evidence WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM dispute_evidence WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of dispute_evidence stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dunning_notice_update BEFORE UPDATE ON dunning_notice BEGIN SELECT RAISE(ABORT, 'rows of dunning_notice stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dunning_notice_delete BEFORE DELETE ON dunning_notice BEGIN SELECT RAISE(ABORT, 'rows of dunning_notice stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dunning_notice_insert BEFORE INSERT ON dunning_notice WHEN EXISTS (SELECT 1 FROM dunning_notice WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM dunning_notice WHERE company = NEW.company AND run_id = NEW.run_id AND account_id = NEW.account_id) OR EXISTS (SELECT 1 FROM dunning_notice WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of dunning_notice stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dunned_item_update BEFORE UPDATE ON dunned_item BEGIN SELECT RAISE(ABORT, 'rows of dunned_item stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dunned_item_delete BEFORE DELETE ON dunned_item BEGIN SELECT RAISE(ABORT, 'rows of dunned_item stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_dunned_item_insert BEFORE INSERT ON dunned_item WHEN EXISTS (SELECT 1 FROM dunned_item WHERE company = NEW.company AND notice_id = NEW.notice_id AND item_id = NEW.item_id) OR EXISTS (SELECT 1 FROM dunned_item WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of dunned_item stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_contact_entry_update BEFORE UPDATE ON contact_entry BEGIN SELECT RAISE(ABORT, 'rows of contact_entry stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_contact_entry_delete BEFORE DELETE ON contact_entry BEGIN SELECT RAISE(ABORT, 'rows of contact_entry stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_contact_entry_insert BEFORE INSERT ON contact_entry WHEN EXISTS (SELECT 1 FROM contact_entry WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM contact_entry WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of contact_entry stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_price_override_update BEFORE UPDATE ON price_override BEGIN SELECT RAISE(ABORT, 'rows of price_override stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_price_override_delete BEFORE DELETE ON price_override BEGIN SELECT RAISE(ABORT, 'rows of price_override stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_price_override_insert BEFORE INSERT ON price_override WHEN EXISTS (SELECT 1 FROM price_override WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM price_override WHERE company = NEW.company AND request_id = NEW.request_id) OR EXISTS (SELECT 1 FROM price_override WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of price_override stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_event_update BEFORE UPDATE ON ticket_event BEGIN SELECT RAISE(ABORT, 'rows of ticket_event stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_event_delete BEFORE DELETE ON ticket_event BEGIN SELECT RAISE(ABORT, 'rows of ticket_event stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_event_insert BEFORE INSERT ON ticket_event WHEN EXISTS (SELECT 1 FROM ticket_event WHERE company = NEW.company AND ticket_id = NEW.ticket_id AND seq = NEW.seq) OR EXISTS (SELECT 1 FROM ticket_event WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of ticket_event stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_item_update BEFORE UPDATE ON ticket_item BEGIN SELECT RAISE(ABORT, 'rows of ticket_item stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_item_delete BEFORE DELETE ON ticket_item BEGIN SELECT RAISE(ABORT, 'rows of ticket_item stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_item_insert BEFORE INSERT ON ticket_item WHEN EXISTS (SELECT 1 FROM ticket_item WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM ticket_item WHERE company = NEW.company AND ticket_id = NEW.ticket_id AND request = NEW.request) OR EXISTS (SELECT 1 FROM ticket_item WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of ticket_item stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_skip_update BEFORE UPDATE ON ticket_skip BEGIN SELECT RAISE(ABORT, 'rows of ticket_skip stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_skip_delete BEFORE DELETE ON ticket_skip BEGIN SELECT RAISE(ABORT, 'rows of ticket_skip stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_ticket_skip_insert BEFORE INSERT ON ticket_skip WHEN EXISTS (SELECT 1 FROM ticket_skip WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM ticket_skip WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of ticket_skip stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_callback_attempt_update BEFORE UPDATE ON callback_attempt BEGIN SELECT RAISE(ABORT, 'rows of callback_attempt stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_callback_attempt_delete BEFORE DELETE ON callback_attempt BEGIN SELECT RAISE(ABORT, 'rows of callback_attempt stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_callback_attempt_insert BEFORE INSERT ON callback_attempt WHEN EXISTS (SELECT 1 FROM callback_attempt WHERE company = NEW.company AND id = NEW.id) OR EXISTS (SELECT 1 FROM callback_attempt WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of callback_attempt stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_service_calendar_update BEFORE UPDATE ON service_calendar BEGIN SELECT RAISE(ABORT, 'rows of service_calendar stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_service_calendar_delete BEFORE DELETE ON service_calendar BEGIN SELECT RAISE(ABORT, 'rows of service_calendar stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_service_calendar_insert BEFORE INSERT ON service_calendar WHEN EXISTS (SELECT 1 FROM service_calendar WHERE company = NEW.company AND code = NEW.code AND version = NEW.version) OR EXISTS (SELECT 1 FROM service_calendar WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of service_calendar stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_service_policy_update BEFORE UPDATE ON service_policy BEGIN SELECT RAISE(ABORT, 'rows of service_policy stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_service_policy_delete BEFORE DELETE ON service_policy BEGIN SELECT RAISE(ABORT, 'rows of service_policy stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_service_policy_insert BEFORE INSERT ON service_policy WHEN EXISTS (SELECT 1 FROM service_policy WHERE company = NEW.company AND code = NEW.code AND version = NEW.version) OR EXISTS (SELECT 1 FROM service_policy WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of service_policy stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_article_revision_update BEFORE UPDATE ON article_revision BEGIN SELECT RAISE(ABORT, 'rows of article_revision stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_article_revision_delete BEFORE DELETE ON article_revision BEGIN SELECT RAISE(ABORT, 'rows of article_revision stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_article_revision_insert BEFORE INSERT ON article_revision WHEN EXISTS (SELECT 1 FROM article_revision WHERE company = NEW.company AND article_id = NEW.article_id AND version = NEW.version) OR EXISTS (SELECT 1 FROM article_revision WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of article_revision stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_article_helped_update BEFORE UPDATE ON article_helped BEGIN SELECT RAISE(ABORT, 'rows of article_helped stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_article_helped_delete BEFORE DELETE ON article_helped BEGIN SELECT RAISE(ABORT, 'rows of article_helped stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_article_helped_insert BEFORE INSERT ON article_helped WHEN EXISTS (SELECT 1 FROM article_helped WHERE company = NEW.company AND article_id = NEW.article_id AND staff_id = NEW.staff_id AND occasion = NEW.occasion) OR EXISTS (SELECT 1 FROM article_helped WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of article_helped stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_proactive_line_update BEFORE UPDATE ON proactive_line BEGIN SELECT RAISE(ABORT, 'rows of proactive_line stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_proactive_line_delete BEFORE DELETE ON proactive_line BEGIN SELECT RAISE(ABORT, 'rows of proactive_line stand once they are written; correct them by a new row'); END;

CREATE TRIGGER keep_proactive_line_insert BEFORE INSERT ON proactive_line WHEN EXISTS (SELECT 1 FROM proactive_line WHERE company = NEW.company AND subject = NEW.subject AND subject_id = NEW.subject_id AND subject_line = NEW.subject_line) OR EXISTS (SELECT 1 FROM proactive_line WHERE rowid = NEW.rowid) BEGIN SELECT RAISE(ABORT, 'rows of proactive_line stand once they are written; correct them by a new row'); END;

CREATE VIRTUAL TABLE IF NOT EXISTS customer_fts_words USING fts5(body, content='customer_search', content_rowid='id', detail='none', columnsize=0, tokenize='ascii', prefix='1 2 3');

CREATE VIRTUAL TABLE IF NOT EXISTS customer_fts_numbers USING fts5(numbers, content='customer_search', content_rowid='id', detail='none', columnsize=0, tokenize='trigram');

CREATE VIRTUAL TABLE IF NOT EXISTS product_fts_words USING fts5(body, content='product_search', content_rowid='id', detail='none', columnsize=0, tokenize='ascii', prefix='1 2 3');

CREATE VIRTUAL TABLE IF NOT EXISTS product_fts_numbers USING fts5(numbers, content='product_search', content_rowid='id', detail='none', columnsize=0, tokenize='trigram');

CREATE VIRTUAL TABLE IF NOT EXISTS word_fts USING fts5(word, content='search_word', content_rowid='id', detail='none', columnsize=0, tokenize='trigram');

CREATE INDEX IF NOT EXISTS lookup_order_number ON sales_order (company, number);

CREATE INDEX IF NOT EXISTS lookup_document_number ON document (company, number);

CREATE INDEX IF NOT EXISTS lookup_ticket_number ON ticket (company, number);

CREATE VIRTUAL TABLE IF NOT EXISTS article_fts USING fts5(title, words, body, content='article_search', content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='1 2 3');

CREATE VIRTUAL TABLE IF NOT EXISTS ticket_fts USING fts5(body, content='ticket_search', content_rowid='id', detail='none', columnsize=0, tokenize='ascii', prefix='1 2 3');

