/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening and closing a results file.
 *
 * Before SQLite may touch a file, its first bytes and its journal are looked at (store_preflight.c). A new file is made in one
 * transaction before WAL is switched on, so that a kill leaves an empty file, a whole one, or one whose journal SQLite rolls
 * back to empty; an empty file is therefore what an interrupted creation leaves, and the next writer fills it.
 *
 * A writer ends by going back to a rollback journal: a file in WAL mode cannot be read from a read-only medium.
 * Formats: sqlite.org/fileformat2.html (header), sqlite.org/wal.html (read-only access).
 */
#include "results/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/output.h"
#include "common/str.h"
#include "results/central.h"
#include "results/central/pull.h"
#include "results/preflight.h"
#include "results/store_internal.h"

/* Patience with another writer's transaction, milliseconds. */
#define BUSY_MS 5000

/* A brake for files whose damage makes a tree endless: callbacks come every WORK steps. No honest statement but
 * the integrity check, which bounds itself, comes near 2^32 steps. */
#define WORK	 (1 << 20)
#define WORK_MAX 4096

static int brake(void *user)
{
	struct mp_store *s = user;

	return ++s->work > WORK_MAX;
}

/* A store is used by one thread at a time, so that its connection needs no lock around every column. */
#define CONNECTION (SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX)

/* Everything that makes a connection distrust the file. */
static int harden(struct mp_store *s, struct mp_err *err)
{
	sqlite3 *db = s->db;

	sqlite3_busy_timeout(db, s->hurried ? 0 : BUSY_MS);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 96 << 20);
	sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, 1 << 20);
	sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 100);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	/* Cascades of foreign keys count as triggers: four levels from run to raw. */
	sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 8);
	sqlite3_progress_handler(db, WORK, brake, s);
	/* No memory mapping: reading a file that shrinks must be an error, not a signal. */
	return mp_sql_exec(s,
			   "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;"
			   "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY",
			   "open the database", err);
}

static int pragma_int(struct mp_store *s, const char *sql, int64_t *ret_value, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, sql, err);

	return rc ? rc : mp_query_int(&q, "read the header", 0, ret_value, err);
}

/* Percent-encodes the path for an SQLite URI. */
static char *read_only_uri(const char *path, const char *options)
{
	struct mp_str uri = MP_STR_INIT;

	mp_str_add(&uri, *path == '/' ? "file://" : "file:");
	for (const char *c = path; *c; c++) {
		if (strchr("?#%", *c))
			mp_str_printf(&uri, "%%%02X", (unsigned)*c);
		else
			mp_str_addc(&uri, *c);
	}
	mp_str_add(&uri, options);
	return mp_str_take(&uri);
}

/* See mp_preflight_journal(): where SQLite looks for it. */
static int check_journal(struct mp_store *s, struct mp_err *err)
{
	return mp_preflight_journal(
		s->path, sqlite3_filename_journal(sqlite3_db_filename(s->db, "main")), err);
}

/* The connection. A path like ":memory:" must still mean a file. One that may write rolls back what it finds. */
static int connect_file(struct mp_store *s, int flags, const char *vfs, struct mp_err *err)
{
	struct mp_str name = MP_STR_INIT;
	int code;

	if (*s->path == ':')
		mp_str_add(&name, "./");
	mp_str_add(&name, s->path);
	if (name.failed) {
		mp_str_done(&name);
		return mp_store_no_memory(s, err);
	}
	code = sqlite3_open_v2(name.text, &s->db, flags | CONNECTION, vfs);
	mp_str_done(&name);
	if (!s->db)
		return mp_store_no_memory(s, err);
	if (code != SQLITE_OK)
		return mp_store_failed(s, "open the database", err);
	if (flags & SQLITE_OPEN_READWRITE) {
		int rc = check_journal(s, err);

		if (rc < 0)
			return rc;
	}
	return harden(s, err);
}

static void disconnect(struct mp_store *s)
{
	for (size_t i = 0; i < s->n_cached; i++)
		sqlite3_finalize(s->cache[i].stmt);
	s->n_cached = 0;
	sqlite3_close(s->db);
	s->db = NULL;
}

static void discard(struct mp_store *s)
{
	disconnect(s);
	free(s->path);
	free(s);
}

/* A store that has nothing but the name that errors say; NULL without memory. */
static struct mp_store *allocate(const char *shown, struct mp_err *err)
{
	struct mp_store *s = calloc(1, sizeof(*s));

	if (s)
		s->path = strdup(shown);
	if (s && s->path) {
		mp_store_watch_memory(s);
		return s;
	}
	free(s);
	mp_err_env(err, -ENOMEM, "not enough memory to open '%s'", shown);
	return NULL;
}

/*
 * A killed writer's file on a read-only medium: SQLite wants to make the index of the -wal file beside it and
 * cannot. With no index there is no other process either, so the locks may be left out and the index kept in
 * memory; without a -wal the file is simply constant.
 */
static int connect_read_only_medium(struct mp_store *s, struct mp_err *err)
{
	char *uri;
	int code;

	disconnect(s);
	if (mp_preflight_beside(s->path, "-wal")) {
		int rc = connect_file(s, SQLITE_OPEN_READONLY, "unix-none", err);

		return rc ? rc
			  : mp_sql_exec(s, "PRAGMA locking_mode = EXCLUSIVE", "open the database",
					err);
	}
	uri = read_only_uri(s->path, "?immutable=1");
	if (!uri)
		return mp_store_no_memory(s, err);
	code = sqlite3_open_v2(uri, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | CONNECTION,
			       NULL);
	free(uri);
	if (!s->db)
		return mp_store_no_memory(s, err);
	if (code != SQLITE_OK)
		return mp_store_failed(s, "open the database", err);
	return harden(s, err);
}

/* application_id and user_version as SQLite sees them, journals applied. */
static int identify(struct mp_store *s, int64_t *ret_application, int64_t *ret_version,
		    struct mp_err *err)
{
	int rc = pragma_int(s, "PRAGMA application_id", ret_application, err);

	return rc ? rc : pragma_int(s, "PRAGMA user_version", ret_version, err);
}

/* Triggers and virtual tables would run what the file says; memperf writes neither. */
static int refuse_active_schema(struct mp_store *s, struct mp_err *err)
{
	int64_t count = 0;
	int rc = pragma_int(s,
			    "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' OR (type = "
			    "'table' AND rootpage = 0)",
			    &count, err);

	if (rc || !count)
		return rc;
	return mp_err_env(
		err, -EBADMSG,
		"'%s' holds triggers or virtual tables, which memperf never writes; it is refused",
		s->path);
}

static int create(struct mp_store *s, struct mp_err *err)
{
	int64_t tables = 0;
	int rc = mp_tx_begin(s, MP_TX_DURABLE, err);

	if (rc)
		return rc;
	/* Another writer may have been first. */
	rc = pragma_int(s, "SELECT count(*) FROM sqlite_schema", &tables, err);
	if (!rc && !tables)
		rc = mp_sql_exec(s, mp_schema_sql, "create the tables", err);
	return mp_tx_end(s, rc, "create the tables", err);
}

static int enable_wal(struct mp_store *s, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "PRAGMA journal_mode = WAL", err);

	if (rc)
		return rc;
	rc = mp_query_step(&q, "write", err);
	/* A file system without shared memory answers "delete": slower, as safe. */
	s->wal = rc > 0 && !strcmp(mp_column_text(&q, 0), "wal");
	mp_query_close(&q);
	if (rc < 0)
		return rc;
	return mp_sql_exec(s, "PRAGMA synchronous = FULL", "open the database", err);
}

static int open_writer(struct mp_store *s, bool exists, struct mp_err *err)
{
	int64_t application = 0, version = 0, pages = 0;
	int rc = connect_file(s, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL, err);

	/* SQLite opens a write-protected file for reading and says nothing. */
	if (!rc && exists && sqlite3_db_readonly(s->db, "main"))
		return mp_err_env(
			err, -EACCES,
			"cannot write '%s': no permission, or a read-only medium; check the "
			"permissions of the file and its folder",
			s->path);
	/* Asking for the size also rolls back what a killed creation left: the file is empty again. */
	if (!rc)
		rc = pragma_int(s, "PRAGMA page_count", &pages, err);
	if (!rc && !pages) {
		rc = create(s, err);
		s->created = !rc;
	}
	if (!rc)
		rc = identify(s, &application, &version, err);
	if (rc)
		return rc;
	if (application != MP_SCHEMA_APPLICATION_ID)
		return mp_err_env(err, -EBADMSG, "'%s' is a database of another program", s->path);
	if (version > MP_SCHEMA_VERSION)
		return mp_preflight_newer(s->path, version, err);
	rc = refuse_active_schema(s, err);
	if (!rc && version < MP_SCHEMA_VERSION)
		rc = mp_store_migrate(s, mp_schema_versions, MP_SCHEMA_VERSION, err);
	return rc ? rc : enable_wal(s, err);
}

/* Did reading fail because nothing can be made beside the file? With an index there may be a living writer, and with
 * a journal there is something to roll back: then it may not be read regardless. */
static bool is_read_only_medium(struct mp_store *s)
{
	int code = s->db ? sqlite3_extended_errcode(s->db) : SQLITE_OK;

	return ((code & 0xff) == SQLITE_CANTOPEN || code == SQLITE_READONLY_DIRECTORY ||
		code == SQLITE_READONLY_CANTINIT) &&
	       !mp_preflight_beside(s->path, "-shm") && !mp_preflight_beside(s->path, "-journal");
}

/* A writer was killed in the middle of a change. Rolling it back is no migration: it restores what was committed, as
 * reading a -wal does. Without permission the sentence of the reader stands. */
static int roll_back(struct mp_store *s, struct mp_err *err)
{
	int64_t pages;
	int rc;

	disconnect(s);
	rc = connect_file(s, SQLITE_OPEN_READWRITE, NULL, err);
	if (!rc)
		rc = pragma_int(s, "PRAGMA page_count", &pages, err);
	disconnect(s);
	return rc;
}

/* What mp_preflight_journal() said before SQLite came near: root's SQLite makes a journal the property of the database's owner. */
struct journal {
	int rc;
	struct mp_err err;
};

static int connect_reader(struct mp_store *s, int64_t *ret_application, int64_t *ret_version,
			  struct journal *ret_journal, struct mp_err *err)
{
	int rc = connect_file(s, SQLITE_OPEN_READONLY, NULL, err);

	if (!rc)
		ret_journal->rc = check_journal(s, &ret_journal->err);
	return rc ? rc : identify(s, ret_application, ret_version, err);
}

static int open_reader(struct mp_store *s, struct mp_err *err)
{
	int64_t application = 0, version = 0;
	struct journal journal = { .rc = 0 };
	int rc = connect_reader(s, &application, &version, &journal, err);

	if (rc && s->db && sqlite3_extended_errcode(s->db) == SQLITE_READONLY_ROLLBACK) {
		bool exists;

		/* One that came meanwhile was not looked at. */
		rc = journal.rc > 0 ? roll_back(s, err) : journal.rc;
		if (journal.rc < 0)
			*err = journal.err;
		disconnect(s);
		if (!rc)
			rc = mp_preflight(s->path, false, &exists, err);
		if (!rc)
			rc = connect_reader(s, &application, &version, &journal, err);
	} else if (rc && is_read_only_medium(s)) {
		rc = connect_read_only_medium(s, err);
		if (!rc)
			rc = identify(s, &application, &version, err);
	}
	if (rc)
		return rc;
	if (application != MP_SCHEMA_APPLICATION_ID)
		return mp_err_env(err, -EBADMSG, "'%s' is a database of another program", s->path);
	if (version > MP_SCHEMA_VERSION)
		return mp_preflight_newer(s->path, version, err);
	rc = refuse_active_schema(s, err);
	if (!rc && version < MP_SCHEMA_VERSION)
		rc = mp_store_read_older(s, (int)version, err);
	return rc;
}

/* Memory databases have names like files, which their connections share. */
#define MEMORY_MS  600000
#define MEMORY_MAX (1LL << 40)

int mp_store_open_memory(const char *name, const char *shown, struct mp_store **ret_store,
			 struct mp_err *err)
{
	struct mp_store *s = allocate(shown, err);
	sqlite3_int64 most = MEMORY_MAX;
	int64_t pages = 0;
	int rc;

	if (!s)
		return -ENOMEM;
	s->writer = true;
	if (sqlite3_open_v2(name, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | CONNECTION,
			    "memdb") != SQLITE_OK)
		rc = mp_store_no_memory(s, err);
	else
		rc = harden(s, err);
	if (!rc) {
		sqlite3_file_control(s->db, "main", SQLITE_FCNTL_SIZE_LIMIT, &most);
		sqlite3_busy_timeout(s->db, MEMORY_MS);
		rc = pragma_int(s, "PRAGMA page_count", &pages, err);
	}
	if (!rc && !pages)
		rc = create(s, err);
	if (rc) {
		discard(s);
		return rc;
	}
	*ret_store = s;
	return 0;
}

int mp_store_open(const char *path, enum mp_store_open how, struct mp_store **ret_store,
		  struct mp_err *err)
{
	struct mp_store *s;
	bool exists = false;
	int rc;

	if (!*path) /* for SQLite a database that is thrown away */
		return mp_err_usage(err, -EINVAL, "'' is no results file; name one");
	if (mp_central_named(path) && how != MP_STORE_WRITE)
		return mp_central_read(path, ret_store, err);
	if (mp_central_named(path))
		return mp_err_usage(
			err, -EINVAL,
			"a server is no results file to write; name a file, and copy its runs "
			"to the server by 'memperf db push'");
	rc = how == MP_STORE_WRITE ? mp_output_check(path, err) : 0;
	if (!rc)
		rc = mp_preflight(path, how == MP_STORE_WRITE, &exists, err);
	if (rc)
		return rc;
	s = allocate(path, err);
	if (!s)
		return -ENOMEM;
	s->writer = how == MP_STORE_WRITE;
	s->hurried = how == MP_STORE_READ_NOW;
	s->opening = true;
	rc = s->writer ? open_writer(s, exists, err) : open_reader(s, err);
	s->opening = false;
	if (rc) {
		discard(s);
		return rc;
	}
	*ret_store = s;
	return 0;
}

void mp_store_close(struct mp_store *store)
{
	if (!store)
		return;
	if (store->writer && store->db) {
		/* Best effort: with a reader still there the journal stays, complete, and the last writer tidies. */
		for (size_t i = 0; i < store->n_cached; i++)
			sqlite3_reset(store->cache[i].stmt);
		sqlite3_busy_timeout(store->db, 100);
		sqlite3_exec(store->db,
			     "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE);"
			     "PRAGMA journal_mode = DELETE",
			     NULL, NULL, NULL);
	}
	discard(store);
}

void mp_store_close_or_remove(struct mp_store *store)
{
	int64_t runs = 1;

	if (store && store->created &&
	    !pragma_int(store, "SELECT count(*) FROM run", &runs, NULL) && !runs)
		unlink(store->path);
	mp_store_close(store);
}
