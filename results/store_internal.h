/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files store*.c share: the open database, prepared statements, transactions, and the one place where an
 * SQLite error becomes a sentence. Internal to results/ and its tests.
 */
#ifndef RESULTS_STORE_INTERNAL_H
#define RESULTS_STORE_INTERNAL_H

#include <sqlite3.h>

#include "results/schema.h"
#include "results/store.h"

/* Longest text that is believed when it is read: a plan of 100,000 cases is 20 MB. */
#define MP_STORE_TEXT_MAX (32 << 20)
/* Most rows of one kind that one call hands out: a damaged file must not fill the memory. */
#define MP_STORE_ROWS_MAX 1000000

struct mp_store {
	sqlite3 *db;
	char *path; /* owned: as given, for sentences */
	bool writer;
	bool hurried; /* waits for no lock */
	struct mp_pulled
		*pulled; /* NULL: a file; else what was read of a server, see central/pull.h */
	bool created; /* by this opening: no file was there, or an empty one */
	bool opening; /* damage now means that db check cannot look at it either */
	bool wal; /* commits may be made durable later, see mp_tx */
	unsigned
		together; /* in mp_store_together(): 1, and 1 more in each transaction inside, which are its parts */
	unsigned failures; /* of SQLite's allocator when the store was made, see store_memory.c */
	unsigned long long work; /* steps of the running statement, in units of MP_STORE_WORK */
	struct {
		const char *sql; /* a literal: compared by address */
		sqlite3_stmt *stmt;
	} cache[96];
	size_t n_cached;
};

/* A statement in use. `rc` remembers the first failure, so that a row of binds needs one check. */
struct mp_query {
	struct mp_store *store;
	sqlite3_stmt *stmt; /* NULL: nothing to finish */
	bool cached;
	int rc; /* SQLite's */
};

/* `sql` must be a literal: its compiled form is kept under its address. */
int mp_query_open(struct mp_store *s, struct mp_query *q, const char *sql, struct mp_err *err);
void mp_query_close(struct mp_query *q); /* for MP_CLEANUP; accepts zeroed */

/* Parameters by name; a name that the statement does not have is a programmer error (assert). Texts and blobs are
 * borrowed until the statement is closed. A NULL text and a real that is not finite are stored as NULL. */
void mp_bind_int(struct mp_query *q, const char *name, int64_t value);
void mp_bind_real(struct mp_query *q, const char *name, double value);
/* :mul and :add, both or neither: half a reference judges nothing. */
void mp_bind_reference(struct mp_query *q, const struct mp_full_speed *reference);
void mp_bind_text(struct mp_query *q, const char *name, const char *value);
void mp_bind_blob(struct mp_query *q, const char *name, const void *data, size_t size);

/* Next row: 1, 0 at the end, or negative errno with a sentence "cannot <doing> in 'file': ...". */
int mp_query_step(struct mp_query *q, const char *doing, struct mp_err *err);
/* Runs a statement that returns no row, and closes it. */
int mp_query_run(struct mp_query *q, const char *doing, struct mp_err *err);
/* The first column of the first row; `otherwise` when there is no row. Closes the statement. */
int mp_query_int(struct mp_query *q, const char *doing, int64_t otherwise, int64_t *ret_value,
		 struct mp_err *err);

/* Columns. A real that is NULL is NaN. */
int64_t mp_column_int(struct mp_query *q, int column);
double mp_column_real(struct mp_query *q, int column);
/* "" for NULL; lives until the next step. */
const char *mp_column_text(struct mp_query *q, int column);
/* Heap copy; NULL for NULL. -ENOMEM, or -EBADMSG for a text longer than MP_STORE_TEXT_MAX. */
int mp_column_copy(struct mp_query *q, int column, char **ret_text);
/* Of a column that is NOT NULL: -EBADMSG, too, where it is NULL all the same, which SQLite does not look at when it reads. */
int mp_column_copy_set(struct mp_query *q, int column, char **ret_text);
/* Into a fixed array, cut to fit. */
void mp_column_buffer(struct mp_query *q, int column, char *buffer, size_t size);

/* One or more statements that take no parameter and whose rows do not matter. */
int mp_sql_exec(struct mp_store *s, const char *sql, const char *doing, struct mp_err *err);

/* How long a commit may take to reach the disk. */
enum mp_tx {
	MP_TX_DURABLE, /* synced: survives power loss when the call returns */
	/* Survives a kill at once and power loss with the next durable one: for the rows of a plan, which cost
	 * nothing to lose before something was measured. */
	MP_TX_SOON,
};
int mp_tx_begin(struct mp_store *s, enum mp_tx how, struct mp_err *err);
/* Commits when `code` is 0, else rolls back and returns `code`. */
int mp_tx_end(struct mp_store *s, int code, const char *doing, struct mp_err *err);

/* The sentence for the connection's last error: "cannot <doing> in 'file': why; remedy". */
int mp_store_failed(struct mp_store *s, const char *doing, struct mp_err *err);
/* The sentence for a file whose content is impossible, and -EBADMSG; -ENOMEM and its sentence where memory ran out instead. */
int mp_store_damaged(struct mp_store *s, const char *what, struct mp_err *err);
int mp_store_no_memory(struct mp_store *s, struct mp_err *err);
/* Counts, from here on, the allocations of SQLite that fail in this process; first called before the first connection. */
void mp_store_watch_memory(struct mp_store *s);
/* Has one failed since? What then looks like damage may be none. */
bool mp_store_short_of_memory(const struct mp_store *s);
/* A function that writes was called on a reader: an internal error. 0 when it is a writer. */
int mp_store_must_write(struct mp_store *s, struct mp_err *err);

/* Brings the file from its version up to `to`, all or none. Tests give their own list of versions. */
int mp_store_migrate(struct mp_store *s, const struct mp_schema_version *versions, int to,
		     struct mp_err *err);
/* Makes this reader see the tables of the current version in a file of an older one. */
int mp_store_read_older(struct mp_store *s, int version, struct mp_err *err);
/* The schema that the file should have by its version. */
int mp_store_schema_of(struct mp_store *s, const char **ret_sql, struct mp_err *err);

/* Statistics of one invocation as stored in its tables; used to store and to verify. */
struct mp_invocation_numbers {
	struct mp_dist dist[MP_MODE_COUNT][2]; /* call, batch, rate; [enum mp_population] */
	struct mp_histogram histogram[2];
	double first_ns, ops_per_s;
	unsigned blocks, flagged;
};
int mp_invocation_numbers(const struct mp_invocation *inv, double step_ns,
			  struct mp_invocation_numbers *ret_numbers);
void mp_invocation_numbers_done(struct mp_invocation_numbers *numbers);
extern const enum mp_mode mp_store_modes[MP_MODE_COUNT];

/* Rows of a machine, benchmark, case by their natural keys; made when missing. 0 or negative errno. */
int mp_store_machine(struct mp_store *s, const char *key, int64_t *ret_machine, struct mp_err *err);
int mp_store_kase(struct mp_store *s, const struct mp_bench_info *bench, const char *text,
		  const struct mp_params *params, int64_t *ret_case, struct mp_err *err);

/* Stores the statistics and the histogram of one population. In a transaction. */
int mp_store_numbers_put(struct mp_store *s, int64_t id, enum mp_population p,
			 const struct mp_invocation_numbers *n, struct mp_err *err);

/* Judges the calm populations of a case's invocations by these references, each worker by that of its core's kind; a kind
 * that is not among them is unknown, and nothing there is calm. In a transaction. */
int mp_store_rejudge(struct mp_store *s, int64_t run_case, const struct mp_full_speeds *references,
		     double step_ns, struct mp_err *err);

/* Computes and stores how a case scatters (spread.h), of its headline's mode and population. In a transaction. */
int mp_store_spread_compute(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			    enum mp_population population, double step_ns, struct mp_err *err);

/* SQL: the kind of core that the first worker of case `c` of a run sat on; NULL without a seat. */
#define MP_KIND_OF_CASE                                                                            \
	"(SELECT s.kind FROM invocation i JOIN seat s USING (invocation_id)"                       \
	" WHERE i.run_case_id = c.run_case_id AND s.worker = 0 ORDER BY i.ordinal LIMIT 1)"

/* Seats of an invocation: stores those that it has (in a transaction); reads them into one that has none. */
int mp_store_seats_put(struct mp_store *s, int64_t id, const struct mp_invocation *inv,
		       struct mp_err *err);
int mp_store_seats_get(struct mp_store *s, int64_t id, struct mp_invocation *inv,
		       struct mp_err *err);

/* The text of a topology's blob, heap memory, when size and SHA-256 are right. 0, -ENOMEM or -EBADMSG. */
int mp_topology_decode(const void *blob, size_t size, uint64_t bytes, const char *hash,
		       char **ret_text);
/* Has the new run refer to the topology of the old one, if that has any. In a transaction of `into`. */
int mp_store_topology_copy(struct mp_store *into, int64_t new_run, struct mp_store *from,
			   int64_t old_run, struct mp_err *err);

/* A database in memory for writing, with all tables; those who open the same `name` ("/...") in this process share it, and it
 * goes with the last of them. `shown` names it in sentences. */
int mp_store_open_memory(const char *name, const char *shown, struct mp_store **ret_store,
			 struct mp_err *err);

/* A run as far as it got. */
struct mp_run_progress {
	int64_t run; /* 0: not there */
	bool complete;
	int64_t invocations;
};
int mp_store_run_progress(struct mp_store *s, const char *uuid,
			  struct mp_run_progress *ret_progress, struct mp_err *err);
/* Is there nothing to copy from here? A run that was copied before it was resumed is in what it became. */
bool mp_run_progress_covers(const struct mp_run_progress *there,
			    const struct mp_run_progress *here);

/* Copies a run with all that hangs on it, or what hangs on machines, into another file; what is there of machines stays, but for
 * a newer judgement. In a transaction of `into`. 0; -EBADMSG with a sentence for a row or blob that is damaged; or negative errno. */
int mp_store_run_copy(struct mp_store *into, struct mp_store *from, int64_t run,
		      struct mp_err *err);
int mp_store_machines_copy(struct mp_store *into, struct mp_store *from, struct mp_err *err);

/* Decodes what table `raw` or `histogram` holds; others pass. 0, -ENOMEM or -EBADMSG. */
int mp_store_blob_verify(const char *table, const void *blob, size_t size);

/* Blob column of the raw or histogram table, decoded. */
int mp_store_raw(struct mp_store *s, struct mp_query *q, int column, struct mp_invocation *inv,
		 struct mp_err *err);
const char *mp_axis_kind_name(enum mp_axis_kind kind);

#endif
