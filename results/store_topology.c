/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The topology of the machine at the time of a run, as hwloc's XML: one row for all runs that saw the same text, found
 * by its SHA-256.
 */
#include "results/store_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/sha256.h"
#include "results/frame.h"

#define BYTES_MAX (16 << 20) /* of one text; a machine of 1024 CPUs has 1 MiB */
#define LEVEL	  9 /* stored once per machine: 20 KiB become 1.5 in 2 ms */

static void hash_of(const char *text, size_t size, char hex[65])
{
	uint8_t digest[32];

	mp_sha256(text, size, digest);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
}

/* A frame, heap memory. 0 or -ENOMEM. */
static int compress(const char *text, size_t size, void **ret_blob, size_t *ret_size)
{
	size_t room = mp_frame_room(size), used = 0;
	void *blob = malloc(room);

	if (blob)
		used = mp_frame_put(text, size, LEVEL, blob, room);
	if (!used) {
		free(blob);
		return -ENOMEM;
	}
	*ret_blob = blob;
	*ret_size = used;
	return 0;
}

int mp_topology_decode(const void *blob, size_t size, uint64_t bytes, const char *hash,
		       char **ret_text)
{
	MP_CLEANUP(mp_free_ptr) char *text = NULL;
	char hex[65];
	int rc;

	if (!blob || !bytes || bytes > BYTES_MAX)
		return -EBADMSG;
	rc = mp_frame_get(blob, size, bytes, &text);
	if (rc)
		return rc;
	hash_of(text, bytes, hex);
	if (strcmp(hex, hash))
		return -EBADMSG;
	*ret_text = text;
	text = NULL;
	return 0;
}

static int find(struct mp_store *s, const char *hash, int64_t *ret_id, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "SELECT topology_id FROM topology WHERE hash = :hash", err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":hash", hash);
	return mp_query_int(&q, "look up a topology", 0, ret_id, err);
}

static int insert(struct mp_store *s, const char *hash, size_t bytes, const void *blob, size_t size,
		  int64_t *ret_id, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q, "INSERT INTO topology (hash, bytes, blob) VALUES (:hash, :bytes, :blob)",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":hash", hash);
	mp_bind_int(&q, ":bytes", (int64_t)bytes);
	mp_bind_blob(&q, ":blob", blob, size);
	rc = mp_query_run(&q, "store a topology", err);
	*ret_id = sqlite3_last_insert_rowid(s->db);
	return rc;
}

static int refer(struct mp_store *s, int64_t run, int64_t id, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q, "INSERT INTO run_topology (run_id, topology_id) VALUES (:run, :id)", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	mp_bind_int(&q, ":id", id);
	return mp_query_run(&q, "store a topology", err);
}

/* Finds or makes the row of that hash, and has the run refer to it. In a transaction. */
static int put(struct mp_store *s, int64_t run, const char *hash, size_t bytes, const void *blob,
	       size_t size, struct mp_err *err)
{
	int64_t id = 0;
	int rc = find(s, hash, &id, err);

	if (!rc && !id)
		rc = insert(s, hash, bytes, blob, size, &id, err);
	return rc ? rc : refer(s, run, id, err);
}

int mp_store_run_topology(struct mp_store *s, int64_t run, const char *xml, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) void *blob = NULL;
	size_t size = 0, bytes = strlen(xml);
	char hash[65];
	int rc = mp_store_must_write(s, err);

	if (rc)
		return rc;
	if (!bytes || bytes > BYTES_MAX)
		return mp_err_internal(err, -EINVAL, "a topology of %zu bytes is not stored",
				       bytes);
	if (compress(xml, bytes, &blob, &size))
		return mp_store_no_memory(s, err);
	hash_of(xml, bytes, hash);
	rc = mp_tx_begin(s, MP_TX_SOON, err);
	if (rc)
		return rc;
	return mp_tx_end(s, put(s, run, hash, bytes, blob, size, err), "store a topology", err);
}

/* The topology row of a run: 1 with its columns hash, bytes, blob; 0: it has none. */
static int open_row(struct mp_store *s, int64_t run, struct mp_query *q, struct mp_err *err)
{
	int rc = mp_query_open(s, q,
			       "SELECT hash, bytes, blob FROM run_topology JOIN topology USING"
			       " (topology_id) WHERE run_id = :run",
			       err);

	if (rc)
		return rc;
	mp_bind_int(q, ":run", run);
	return mp_query_step(q, "read a topology", err);
}

static int decode_row(struct mp_store *s, struct mp_query *q, char **ret_text, struct mp_err *err)
{
	int rc = mp_topology_decode(sqlite3_column_blob(q->stmt, 2),
				    (size_t)sqlite3_column_bytes(q->stmt, 2),
				    (uint64_t)mp_column_int(q, 1), mp_column_text(q, 0), ret_text);

	if (rc == -ENOMEM)
		return mp_store_no_memory(s, err);
	return rc ? mp_store_damaged(s, "read a topology", err) : 0;
}

int mp_store_topology(struct mp_store *s, int64_t run, char **ret_xml, struct mp_err *err)
{
	struct mp_query q = { 0 };
	char *text = NULL;
	int rc = open_row(s, run, &q, err);

	if (rc > 0)
		rc = decode_row(s, &q, &text, err);
	mp_query_close(&q);
	if (!rc)
		*ret_xml = text;
	return rc;
}

int mp_store_topology_copy(struct mp_store *into, int64_t new_run, struct mp_store *from,
			   int64_t old_run, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) char *text = NULL;
	struct mp_query q = { 0 };
	int rc = open_row(from, old_run, &q, err);

	if (rc > 0) {
		rc = decode_row(from, &q, &text, err);
		if (!rc)
			rc = put(into, new_run, mp_column_text(&q, 0), (size_t)mp_column_int(&q, 1),
				 sqlite3_column_blob(q.stmt, 2),
				 (size_t)sqlite3_column_bytes(q.stmt, 2), err);
	}
	mp_query_close(&q);
	return rc;
}
