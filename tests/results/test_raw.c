/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The raw blob: what goes in comes out, the bytes are the same each time, and no damaged or hostile blob is believed
 * or costs memory. Mutations go through twice: into the blob as it lies in the file, where the checksum catches them,
 * and into its payload under a fresh frame, where the decoder itself must.
 */
#include "results/invocation.h"

#include <errno.h>
#include <zstd.h>

#include "tests/results/support.h"

static void assert_same(const struct mp_invocation *a, const struct mp_invocation *b)
{
	assert_int_equal(a->n_blocks, b->n_blocks);
	assert_int_equal(a->n_samples, b->n_samples);
	/* Blocks were zeroed before they were filled, so their padding is comparable. */
	if (a->n_blocks)
		assert_memory_equal(a->blocks, b->blocks, a->n_blocks * sizeof(*a->blocks));
	if (a->n_samples)
		assert_memory_equal(a->samples, b->samples, a->n_samples * sizeof(*a->samples));
}

static void round_trip(const struct mp_invocation *inv)
{
	struct mp_invocation back = { 0 };
	void *blob, *again;
	size_t size, again_size;

	assert_int_equal(mp_raw_encode(inv, &blob, &size), 0);
	assert_int_equal(mp_raw_encode(inv, &again, &again_size), 0);
	assert_int_equal(size, again_size);
	assert_memory_equal(blob, again, size);
	assert_int_equal(mp_raw_decode(blob, size, &back), 0);
	assert_same(inv, &back);
	mp_invocation_done(&back);
	free(blob);
	free(again);
}

static void test_round_trip(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		struct recipe recipe = { .ordinal = i,
					 .ns = 50 + 40 * i,
					 .call_blocks = i,
					 .call_ops = 1 + i,
					 .batch_blocks = 50 - i,
					 .batch_ops = 1000,
					 .rate_blocks = i % 3,
					 .workers = 1 + i % 4,
					 .calm_of_10 = 5,
					 .seed = 42 };
		struct mp_invocation inv;

		make_invocation(&recipe, &inv);
		round_trip(&inv);
		mp_invocation_done(&inv);
	}
}

static void test_extremes(void **state)
{
	struct mp_block blocks[3] = {
		{ .start = UINT64_MAX,
		  .ticks = UINT64_MAX,
		  .ops = UINT32_MAX,
		  .errors = UINT32_MAX,
		  .minflt = UINT32_MAX,
		  .majflt = UINT32_MAX,
		  .nvcsw = UINT16_MAX,
		  .nivcsw = UINT16_MAX,
		  .probe_mul = { UINT32_MAX, 0 },
		  .probe_add = { 0, UINT32_MAX },
		  .worker = UINT16_MAX,
		  .cpu = UINT16_MAX,
		  .mode = MP_MODE_RATE,
		  .phase = MP_PHASE_MEASURE,
		  .flags = 0xff },
		{ .mode = MP_MODE_CALL },
		{ .start = 1, .ops = 4, .mode = MP_MODE_CALL, .phase = MP_PHASE_WARMUP },
	};
	uint32_t samples[4] = { 0, UINT32_MAX, 1, 0x01020304 };
	struct mp_invocation inv = {
		.blocks = blocks, .n_blocks = 3, .samples = samples, .n_samples = 4
	};
	struct mp_invocation empty = { 0 };

	(void)state;
	round_trip(&inv);
	round_trip(&empty);
}

static void test_small(void **state)
{
	struct recipe recipe = { .ns = 4300, .call_blocks = 64, .call_ops = 128, .calm_of_10 = 3 };
	struct mp_invocation inv;
	void *blob;
	size_t size;

	(void)state;
	make_invocation(&recipe, &inv);
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), 0);
	/* 33 kB of samples that take three values, and 4 kB of blocks. */
	assert_in_range(size, 1, 5000);
	free(blob);
	mp_invocation_done(&inv);
}

static void test_refuses_nonsense(void **state)
{
	struct mp_block block = { .ops = 2, .mode = MP_MODE_CALL };
	uint32_t samples[2] = { 1, 2 };
	struct mp_invocation inv = {
		.blocks = &block, .n_blocks = 1, .samples = samples, .n_samples = 2
	};
	void *blob = &block;
	size_t size = 7;

	(void)state;
	block.first_sample = 1;
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), -EINVAL);
	block.first_sample = UINT32_MAX;
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), -EINVAL);
	block.first_sample = 0;
	block.mode = 3;
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), -EINVAL);
	block.mode = MP_MODE_CALL;
	block.phase = 3;
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), -EINVAL);
	block.phase = MP_PHASE_MEASURE;
	block.flags = 1 << 8;
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), -EINVAL);
	block.flags = 0;
	block.errors = 3;
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), -EINVAL);
	inv.n_samples = MP_RAW_SAMPLES_MAX + 1;
	assert_int_equal(mp_raw_encode(&inv, &blob, &size), -E2BIG);
	assert_ptr_equal(blob, &block);
	assert_int_equal(size, 7);
}

/* Decodes from a heap copy of exactly that size, so that the sanitizer sees one byte too many. Whatever decodes must
 * be consistent. */
static int try_decode(const unsigned char *blob, size_t size)
{
	struct mp_invocation inv = { .ordinal = 5 };
	unsigned char *copy = malloc(size ? size : 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, blob, size);
	rc = mp_raw_decode(copy, size, &inv);
	free(copy);
	if (rc) {
		assert_int_equal(rc, -EBADMSG);
		assert_null(inv.blocks);
		assert_null(inv.samples);
	}
	for (size_t i = 0; i < inv.n_blocks; i++)
		assert_true(mp_block_valid(&inv.blocks[i], inv.n_samples));
	mp_invocation_done(&inv);
	return rc;
}

static void sample_blob(unsigned char **ret_blob, size_t *ret_size)
{
	struct recipe recipe = { .ns = 140,
				 .call_blocks = 5,
				 .call_ops = 20,
				 .batch_blocks = 3,
				 .batch_ops = 500,
				 .calm_of_10 = 5 };
	struct mp_invocation inv;
	void *blob;

	make_invocation(&recipe, &inv);
	assert_int_equal(mp_raw_encode(&inv, &blob, ret_size), 0);
	*ret_blob = blob;
	mp_invocation_done(&inv);
}

static void test_truncation(void **state)
{
	unsigned char *blob;
	size_t size;

	(void)state;
	sample_blob(&blob, &size);
	assert_int_equal(try_decode(blob, size), 0);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(try_decode(blob, i), -EBADMSG);
	free(blob);
}

static void mutate(unsigned char *data, size_t size, struct mp_random *r)
{
	unsigned changes = 1 + (unsigned)mp_random_below(r, 4);

	while (changes--)
		data[mp_random_below(r, size)] = (unsigned char)mp_random_next(r);
}

static void test_mutation(void **state)
{
	struct mp_random r = { 1 };
	unsigned char *blob, *work;
	unsigned refused = 0;
	size_t size;

	(void)state;
	sample_blob(&blob, &size);
	work = malloc(size);
	assert_non_null(work);
	for (int i = 0; i < 20000; i++) {
		memcpy(work, blob, size);
		mutate(work, size, &r);
		refused += try_decode(work, size) != 0;
	}
	/* The rest wrote a byte over itself, or chanced on a field of the frame that does not matter. */
	assert_in_range(refused, 19000, 20000);
	free(work);
	free(blob);
}

static void test_payload_mutation(void **state)
{
	struct mp_random r = { 2 };
	unsigned char *blob, payload[4096], work[4096], framed[8192];
	unsigned accepted = 0;
	size_t size, n, used;

	(void)state;
	sample_blob(&blob, &size);
	/* Version, two bytes of size, frame. */
	n = ZSTD_decompress(payload, sizeof(payload), blob + 3, size - 3);
	assert_false(ZSTD_isError(n));
	for (int i = 0; i < 20000; i++) {
		memcpy(work, payload, n);
		mutate(work, n, &r);
		memcpy(framed, blob, 3);
		used = ZSTD_compress(framed + 3, sizeof(framed) - 3, work, n, 1);
		assert_false(ZSTD_isError(used));
		accepted += try_decode(framed, used + 3) == 0;
	}
	/* Samples may take any value; what contradicts itself is refused. */
	assert_in_range(accepted, 1000, 19000);
	free(blob);
}

/* A frame that says it holds `claim` bytes, in a blob that says the same. */
static size_t claiming_blob(unsigned char *blob, size_t room, uint64_t claim)
{
	static const unsigned char zeros[64];
	size_t head = 1, used;
	ZSTD_CCtx *context = ZSTD_createCCtx();

	blob[0] = 1;
	for (uint64_t v = claim; v >= 0x80; v >>= 7)
		blob[head++] = (unsigned char)(v | 0x80);
	blob[head] = (unsigned char)(claim >> 7 * (head - 1));
	head++;
	assert_non_null(context);
	ZSTD_CCtx_setPledgedSrcSize(context, sizeof(zeros));
	used = ZSTD_compress2(context, blob + head, room - head, zeros, sizeof(zeros));
	ZSTD_freeCCtx(context);
	assert_false(ZSTD_isError(used));
	return head + used;
}

static void test_claims(void **state)
{
	unsigned char blob[256];
	const uint64_t claims[] = { 64, 63, 65, 1 << 20, 1ull << 32, 1ull << 62, UINT64_MAX };
	struct mp_invocation none = { 0 };

	(void)state;
	assert_int_equal(mp_raw_decode(NULL, 0, &none), -EBADMSG);
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
		assert_int_equal(try_decode(blob, claiming_blob(blob, sizeof(blob), claims[i])),
				 -EBADMSG);
	assert_int_equal(try_decode((const unsigned char *)"", 0), -EBADMSG);
	assert_int_equal(try_decode((const unsigned char *)"\x02\x00", 2), -EBADMSG);
}

/* A payload of a few bytes that claims as many blocks or samples as there may be. */
static void test_counts(void **state)
{
	static const struct {
		size_t size;
		unsigned char bytes[8];
	} payloads[] = {
		{ 8, { 0x80, 0x80, 0x02, 0x00 } }, /* 32768 blocks */
		{ 8, { 0x00, 0x80, 0x80, 0x80, 0x02 } }, /* 4194304 samples */
		{ 8, { 0x81, 0x80, 0x02, 0x00 } }, /* one too many */
		{ 8, { 0x00, 0x00 } }, /* bytes left over */
		{ 3, { 0x80, 0x00, 0x00 } }, /* an over-long zero */
		{ 1, { 0x00 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		unsigned char blob[128] = { 1, (unsigned char)payloads[i].size };
		size_t used = ZSTD_compress(blob + 2, sizeof(blob) - 2, payloads[i].bytes,
					    payloads[i].size, 1);

		assert_false(ZSTD_isError(used));
		assert_int_equal(try_decode(blob, used + 2), -EBADMSG);
	}
}

static void test_slowness(void **state)
{
	struct mp_block block = { .probe_mul = { 1000, 1010 }, .probe_add = { 500, 550 } };

	(void)state;
	assert_near(mp_block_slowness(&block, 1000, 500), 1.1, 1e-12);
	assert_near(mp_block_slowness(&block, 1000, 550), 1.01, 1e-12);
	assert_true(isnan(mp_block_slowness(&block, 0, 500)));
	assert_true(isnan(mp_block_slowness(&block, 1000, NAN)));
	block.probe_add[1] = 0;
	assert_true(isnan(mp_block_slowness(&block, 1000, 500)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_refuses_nonsense),
		cmocka_unit_test(test_truncation),
		cmocka_unit_test(test_mutation),
		cmocka_unit_test(test_payload_mutation),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_slowness),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
