/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sides, the job that judges them, and following a file that grows: see model.h. */
#include "report/viewer/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "report/compare/spill.h"

/* Between two judgements of a file that grows: at least so long, and eight times what the last one took. */
#define FOLLOW_NS 1000000000ull
/* So many pairs with single calls, or pairs at all, take longer than writing what is known before. */
#define CALLS_WORTH 250
#define PAIRS_WORTH 1000

static void side_done(struct mp_model_side *side)
{
	mp_side_done(&side->side);
	free(side->name);
	free(side->path);
	*side = (struct mp_model_side){ 0 };
}

static int describe_runs(struct mp_store *store, const char *selector, struct mp_side *side,
			 struct mp_err *err)
{
	int64_t *ids = NULL;
	size_t count = 0;
	int rc = mp_store_select(store, selector, &ids, &count, err);

	if (!rc) {
		side->runs = calloc(count + 1, sizeof(*side->runs));
		rc = side->runs ? 0 : mp_err_env(err, -ENOMEM, "out of memory");
	}
	while (!rc && side->n_runs < count) {
		struct mp_side_run *run = &side->runs[side->n_runs];

		rc = mp_side_run_describe(store, ids[side->n_runs++], run, err);
	}
	free(ids);
	if (!rc && !side->n_runs)
		rc = mp_err_env(err, -ENOENT, "'%s' holds no run", side->name);
	return rc;
}

static int side_open(const char *text, struct mp_model_side *ret_side, struct mp_err *err)
{
	struct mp_model_side side = { .name = strdup(text) };
	struct mp_store *store = NULL;
	const char *selector = NULL;
	int rc = side.name ? mp_side_split(side.name, &side.path, &selector, err)
			   : mp_err_env(err, -ENOMEM, "out of memory");

	if (!rc)
		rc = mp_store_open(side.path, MP_STORE_READ_NOW, &store, err);
	if (!rc) {
		side.side.name = strdup(text);
		rc = describe_runs(store, selector, &side.side, err);
	}
	mp_store_close(store);
	if (rc)
		side_done(&side);
	else
		*ret_side = side;
	return rc;
}

/* ---- judging ---- */

struct judging {
	const struct mp_model *model;
	const struct mp_model_side *sides;
};

static int judge_two(const struct judging *j, FILE *out, struct mp_err *err)
{
	const char *texts[2] = { j->sides[0].name, j->sides[1].name };
	struct mp_stream *stream;
	int rc = mp_stream_open(texts, &j->model->options, &stream, err);

	/* The verdicts can be read while the single calls are judged, and what the files say against the values is read. */
	if (!rc && (mp_stream_calls(stream) >= CALLS_WORTH ||
		    mp_stream_comparison(stream)->n_pairs >= PAIRS_WORTH)) {
		rc = mp_rows_write(stream, false, out, err);
		if (!rc)
			rc = mp_job_hand_over(out, err);
	}
	if (!rc)
		rc = mp_stream_asides(stream, err);
	/* Nothing is freed: the process ends with this. */
	return rc ? rc : mp_rows_write(stream, true, out, err);
}

static int judge(void *user, FILE *out, struct mp_err *err)
{
	const struct judging *j = user;
	struct mp_side side;
	int rc;

	if (j->model->n_sides == 2)
		return judge_two(j, out, err);
	rc = mp_side_open(j->sides[0].name, MP_SIDE_REPORT, &side, NULL, err);
	return rc ? rc : mp_rows_write_side(&side, out, err);
}

/* What a writer changes: the file, and the log in front of it. */
static void look_at_files(const struct mp_model *model, struct mp_model_stamp stamps[2][2])
{
	for (size_t i = 0; i < model->n_sides; i++) {
		for (int wal = 0; wal < 2; wal++) {
			struct mp_str path = MP_STR_INIT;
			struct stat st;

			mp_str_printf(&path, "%s%s", model->sides[i].path, wal ? "-wal" : "");
			stamps[i][wal] = (struct mp_model_stamp){ 0 };
			if (!stat(path.text, &st))
				stamps[i][wal] =
					(struct mp_model_stamp){ st.st_size,
								 st.st_mtim.tv_sec * 1000000000ll +
									 st.st_mtim.tv_nsec };
			mp_str_done(&path);
		}
	}
}

static int start(struct mp_model *model, struct mp_err *err)
{
	struct judging judging = { model, model->sides };
	int rc;

	mp_job_stop(model->job);
	model->job = NULL;
	look_at_files(model, model->stamps);
	rc = mp_job_start(judge, &judging, &model->job, err);
	model->busy = !rc;
	model->started_ns = mp_clock_raw_ns();
	return rc;
}

static void find_live(struct mp_model *model)
{
	model->live = false;
	for (size_t i = 0; i < model->n_sides; i++)
		model->live = model->live || !model->sides[i].side.runs[0].row.ended_ns;
}

/* The machines and runs compared, without cases: the sides have no results. */
static int compare_environment(struct mp_model *model, struct mp_err *err)
{
	mp_comparison_done(&model->environment);
	return model->n_sides < 2 ? 0
				  : mp_compare(&model->sides[0].side, &model->sides[1].side,
					       &model->options, &model->environment, err);
}

static void failed(struct mp_model *model, const struct mp_err *err)
{
	model->why = *err;
	if (model->state != MP_MODEL_READY)
		model->state = MP_MODEL_FAILED;
}

int mp_model_sides(struct mp_model *model, const char *const *texts, size_t n, struct mp_err *err)
{
	struct mp_model_side sides[2] = { 0 };
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = side_open(texts[i], &sides[i], err);
	if (rc) {
		side_done(&sides[0]);
		side_done(&sides[1]);
		return rc;
	}
	mp_comparison_done(&model->environment);
	for (size_t i = 0; i < 2; i++) {
		side_done(&model->sides[i]);
		model->sides[i] = sides[i];
	}
	model->n_sides = n;
	find_live(model);
	rc = compare_environment(model, err);
	if (!rc)
		rc = start(model, err);
	return rc;
}

int mp_model_open(const char *const *texts, size_t n, const struct mp_compare_options *options,
		  struct mp_model *ret_model, struct mp_err *err)
{
	*ret_model = (struct mp_model){ .options = *options, .state = MP_MODEL_JUDGING };
	return mp_model_sides(ret_model, texts, n, err);
}

void mp_model_done(struct mp_model *model)
{
	mp_job_stop(model->job);
	mp_index_done(&model->index);
	mp_rows_close(model->rows);
	mp_comparison_done(&model->environment);
	side_done(&model->sides[0]);
	side_done(&model->sides[1]);
	*model = (struct mp_model){ 0 };
}

int mp_model_swap(struct mp_model *model, struct mp_err *err)
{
	struct mp_model_side a = model->sides[0];
	int rc;

	if (model->n_sides < 2)
		return mp_err_usage(err, -EINVAL, "there is one side; ':open A.db B.db' takes two");
	model->sides[0] = model->sides[1];
	model->sides[1] = a;
	rc = compare_environment(model, err);
	return rc ? rc : start(model, err);
}

/* New rows take the place of the old ones. */
static void take_over(struct mp_model *model, int file)
{
	struct mp_rows *rows = NULL;
	struct mp_err err;
	int rc;

	if (mp_rows_open(file, &rows, &err)) {
		failed(model, &err);
		return;
	}
	rc = mp_index_rows(&model->index, rows);
	if (rc) {
		mp_rows_close(rows);
		mp_spill_failed(rc, &err);
		failed(model, &err);
		return;
	}
	mp_rows_close(model->rows);
	model->rows = rows;
	model->state = MP_MODEL_READY;
	model->why.text[0] = '\0';
}

bool mp_model_poll(struct mp_model *model)
{
	struct mp_err err;
	int file;

	if (!model->job || !mp_job_ready(model->job))
		return false;
	if (mp_job_take(&model->job, &file, &err))
		failed(model, &err);
	else
		take_over(model, file);
	if (!model->job)
		model->took_ns = mp_clock_raw_ns() - model->started_ns;
	model->busy = model->job != NULL;
	model->generation++;
	return true;
}

bool mp_model_first(const struct mp_model *model)
{
	return model->job && model->rows && model->n_sides == 2 &&
	       !mp_rows_summary(model->rows)->asides;
}

int mp_model_fd(const struct mp_model *model)
{
	return model->job ? mp_job_fd(model->job) : -1;
}

/* The same sides described anew. On failure the old descriptions stay. */
static int describe_again(struct mp_model *model, struct mp_err *err)
{
	struct mp_model_side sides[2] = { 0 };
	int rc = 0;

	for (size_t i = 0; !rc && i < model->n_sides; i++)
		rc = side_open(model->sides[i].name, &sides[i], err);
	if (rc) {
		side_done(&sides[0]);
		side_done(&sides[1]);
		return rc;
	}
	mp_comparison_done(&model->environment);
	for (size_t i = 0; i < model->n_sides; i++) {
		side_done(&model->sides[i]);
		model->sides[i] = sides[i];
	}
	find_live(model);
	return compare_environment(model, err);
}

bool mp_model_follow(struct mp_model *model)
{
	struct mp_model_stamp now[2][2];
	uint64_t pause = 8 * model->took_ns > FOLLOW_NS ? 8 * model->took_ns : FOLLOW_NS;
	struct mp_err err;

	if (model->job || mp_clock_raw_ns() - model->started_ns < pause)
		return false;
	look_at_files(model, now);
	if (!memcmp(now, model->stamps, sizeof(now[0]) * model->n_sides))
		return false;
	if (describe_again(model, &err) || start(model, &err)) {
		memcpy(model->stamps, now, sizeof(now));
		model->started_ns = mp_clock_raw_ns();
		failed(model, &err);
	}
	return true;
}

int mp_model_store_open(const struct mp_model *model, size_t side, struct mp_store **ret_store,
			struct mp_err *err)
{
	if (side >= model->n_sides)
		return mp_err_usage(err, -EINVAL, "there is no side B");
	return mp_store_open(model->sides[side].path, MP_STORE_READ_NOW, ret_store, err);
}
