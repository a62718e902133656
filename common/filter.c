/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter language: a recursive-descent parser into a small tree, and its evaluation on a case's
 * canonical text. See filter.h.
 *
 *	expr  = all { "or" all }
 *	all   = term { "and" term }
 *	term  = "not" term | "(" expr ")" | field operator value
 *
 * Chains of "and" and "or" are lists of children, so the depth of the tree, and with it the depth of
 * both recursions, is bounded by DEPTH_MAX and not by the length of the text.
 */
#include "common/filter.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/str.h"
#include "common/units.h"
#include "common/value.h"

#define DEPTH_MAX 64

enum node_kind { NODE_OR, NODE_AND, NODE_NOT, NODE_CONDITION };

enum op { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_GLOB };

/* Longest first, so that "<=" is not read as "<". */
static const struct {
	const char *text;
	enum op op;
} operators[] = {
	{ "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE },  { "=", OP_EQ },
	{ "<", OP_LT },	 { ">", OP_GT },  { "~", OP_GLOB },
};

struct node {
	enum node_kind kind;
	struct node *children; /* OR, AND: a list; NOT: one */
	struct node *next;
	/* NODE_CONDITION */
	enum op op;
	char *field, *value; /* owned */
	bool is_number; /* value is one */
	uint64_t number;
	bool own; /* field `index` of the caller's */
	bool is_real; /* its value is a number */
	size_t index;
	double real;
};

struct mp_filter {
	struct node *root;
	char *text;
};

struct parser {
	const char *text, *at;
	unsigned depth;
	const struct mp_filter_field *fields;
	size_t n_fields;
	struct mp_err *err;
};

static void node_free(struct node *n)
{
	while (n) {
		struct node *next = n->next;

		node_free(n->children);
		free(n->field);
		free(n->value);
		free(n);
		n = next;
	}
}

static void skip_space(struct parser *p)
{
	while (isspace((unsigned char)*p->at))
		p->at++;
}

static bool is_word_char(char c)
{
	return c && !isspace((unsigned char)c) && !strchr("()=!<>~'\"", c);
}

static size_t word_length(const char *at)
{
	size_t len = 0;

	while (is_word_char(at[len]))
		len++;
	return len;
}

/* The sentence about the place `at`: its column, what was expected, what is there. */
static int fail(const struct parser *p, const char *at, const char *expected)
{
	size_t len = word_length(at);
	unsigned column = (unsigned)(at - p->text) + 1;

	if (!*at)
		return mp_err_usage(p->err, -EINVAL,
				    "filter '%.200s', column %u: expected %s, found the end",
				    p->text, column, expected);
	return mp_err_usage(p->err, -EINVAL,
			    "filter '%.200s', column %u: expected %s, found '%.*s'", p->text,
			    column, expected, len ? (int)(len < 60 ? len : 60) : 1, at);
}

/* Takes the keyword when it stands here as a whole word. */
static bool take_keyword(struct parser *p, const char *keyword)
{
	size_t len = strlen(keyword);

	skip_space(p);
	if (word_length(p->at) != len || strncmp(p->at, keyword, len))
		return false;
	p->at += len;
	return true;
}

static bool is_keyword(const char *at, size_t len)
{
	return (len == 2 && !strncmp(at, "or", 2)) ||
	       (len == 3 && (!strncmp(at, "and", 3) || !strncmp(at, "not", 3)));
}

static int take_field(struct parser *p, char **ret_field)
{
	const char *start, *close;
	size_t len;

	skip_space(p);
	start = p->at + (p->n_fields && (*p->at == '\'' || *p->at == '"'));
	close = start > p->at ? strchr(start, *p->at) : NULL;
	len = close ? (size_t)(close - start) : word_length(p->at);
	if (start > p->at && !close)
		return fail(p, start + strlen(start), "the closing quote");
	if (!len || (!close && is_keyword(p->at, len)))
		return fail(p, p->at, "an axis, 'bench', 'family' or 'case'");
	*ret_field = strndup(start, len);
	if (!*ret_field)
		return -ENOMEM;
	p->at = close ? close + 1 : start + len;
	return 0;
}

static int take_operator(struct parser *p, enum op *ret_op)
{
	skip_space(p);
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i].text);

		if (strncmp(p->at, operators[i].text, len))
			continue;
		*ret_op = operators[i].op;
		p->at += len;
		return 0;
	}
	return fail(p, p->at, "one of = != < <= > >= ~");
}

/* "5", "0.5%", "1.5us" to a plain number: percent is a hundredth, times are nanoseconds. */
static bool parse_real(const char *text, double *ret_number)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = { { "", 1 },     { "%", 0.01 }, { "x", 1 },	 { "ns", 1 },
		      { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	char *end;
	double number = strtod(text, &end);

	if (end == text || !isfinite(number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(end, units[i].suffix)) {
			*ret_number = number * units[i].factor;
			return true;
		}
	}
	return false;
}

/* The value of a condition on a field of the caller's. */
static int check_own(const struct parser *p, const char *start, struct node *n)
{
	bool ordered = n->op >= OP_LT && n->op <= OP_GE;

	n->is_real = p->fields[n->index].number && parse_real(n->value, &n->real);
	if (p->fields[n->index].number && !n->is_real)
		return fail(p, start, "a number such as 5%, 0.01 or 1.5us");
	if (ordered && !n->is_real)
		return fail(p, start, "a field that is a number before < or >, or one of = != ~");
	return 0;
}

/* A bare word, or anything in quotes. */
static int take_value(struct parser *p, enum op op, struct node *n)
{
	const char *start, *close = NULL;
	size_t len;

	skip_space(p);
	start = p->at;
	if (*start == '\'' || *start == '"') {
		close = strchr(start + 1, *start);
		if (!close)
			return fail(p, start + strlen(start), "the closing quote");
		n->value = strndup(start + 1, (size_t)(close - start - 1));
	} else {
		len = word_length(start);
		if (!len)
			return fail(p, start, "a value");
		n->value = strndup(start, len);
	}
	if (!n->value)
		return -ENOMEM;
	if (n->own) {
		int rc = check_own(p, start, n);

		if (rc)
			return rc;
	}
	n->is_number = mp_size_parse(n->value, &n->number) == 0;
	if (!n->own && !n->is_number && op >= OP_LT && op <= OP_GE)
		return fail(p, start, "a number such as 4 or 2M");
	p->at = close ? close + 1 : start + strlen(n->value);
	return 0;
}

static int parse_expr(struct parser *p, struct node **ret_node);

static int parse_condition(struct parser *p, struct node *n)
{
	int rc = take_field(p, &n->field);

	n->kind = NODE_CONDITION;
	for (size_t i = 0; !rc && i < p->n_fields; i++) {
		if (!strcmp(p->fields[i].name, n->field)) {
			n->own = true;
			n->index = i;
		}
	}
	if (!rc)
		rc = take_operator(p, &n->op);
	if (!rc)
		rc = take_value(p, n->op, n);
	return rc;
}

static int parse_term(struct parser *p, struct node **ret_node)
{
	struct node *n = calloc(1, sizeof(*n));
	int rc;

	if (!n)
		return -ENOMEM;
	if (++p->depth > DEPTH_MAX) {
		rc = mp_err_usage(p->err, -EINVAL,
				  "filter, column %u: more than %d levels of parentheses and 'not'",
				  (unsigned)(p->at - p->text) + 1, DEPTH_MAX);
	} else if (take_keyword(p, "not")) {
		n->kind = NODE_NOT;
		rc = parse_term(p, &n->children);
	} else if (*p->at == '(') {
		p->at++;
		n->kind = NODE_AND; /* of one: keeps the grammar out of the tree's shape */
		rc = parse_expr(p, &n->children);
		skip_space(p);
		if (!rc && *p->at != ')')
			rc = fail(p, p->at, "'and', 'or' or ')'");
		if (!rc)
			p->at++;
	} else {
		rc = parse_condition(p, n);
	}
	p->depth--;
	if (rc)
		node_free(n);
	else
		*ret_node = n;
	return rc;
}

/* item { keyword item } as one node with a list of children. */
static int parse_chain(struct parser *p, enum node_kind kind, const char *keyword,
		       int (*item)(struct parser *, struct node **), struct node **ret_node)
{
	struct node *n = calloc(1, sizeof(*n)), **last;
	int rc;

	if (!n)
		return -ENOMEM;
	n->kind = kind;
	last = &n->children;
	do {
		rc = item(p, last);
		if (!rc)
			last = &(*last)->next;
	} while (!rc && take_keyword(p, keyword));
	if (rc)
		node_free(n);
	else
		*ret_node = n;
	return rc;
}

static int parse_all(struct parser *p, struct node **ret_node)
{
	return parse_chain(p, NODE_AND, "and", parse_term, ret_node);
}

static int parse_expr(struct parser *p, struct node **ret_node)
{
	return parse_chain(p, NODE_OR, "or", parse_all, ret_node);
}

int mp_filter_parse_with(const char *text, const struct mp_filter_field *fields, size_t n_fields,
			 struct mp_filter **ret_filter, struct mp_err *err)
{
	struct parser p = {
		.text = text, .at = text, .fields = fields, .n_fields = n_fields, .err = err
	};
	struct mp_filter *f = calloc(1, sizeof(*f));
	int rc;

	if (f)
		f->text = strdup(text);
	rc = f && f->text ? parse_expr(&p, &f->root) : -ENOMEM;

	if (!rc) {
		skip_space(&p);
		if (*p.at)
			rc = fail(&p, p.at, "'and', 'or' or the end");
	}
	if (rc) {
		if (rc == -ENOMEM)
			mp_err_env(err, rc, "out of memory while reading a filter");
		mp_filter_free(f);
		return rc;
	}
	*ret_filter = f;
	return 0;
}

int mp_filter_parse(const char *text, struct mp_filter **ret_filter, struct mp_err *err)
{
	return mp_filter_parse_with(text, NULL, 0, ret_filter, err);
}

void mp_filter_free(struct mp_filter *filter)
{
	if (!filter)
		return;
	node_free(filter->root);
	free(filter->text);
	free(filter);
}

const char *mp_filter_text(const struct mp_filter *filter)
{
	return filter->text;
}

/* Calls `each` for the conditions in the order of the text; stops at its first non-zero return. */
static int walk_fields(const struct node *n, int (*each)(void *user, const char *field), void *user)
{
	int rc = 0;

	for (; n && !rc; n = n->next) {
		if (n->kind == NODE_CONDITION)
			rc = each(user, n->field);
		else
			rc = walk_fields(n->children, each, user);
	}
	return rc;
}

int mp_filter_fields(const struct mp_filter *filter, int (*each)(void *user, const char *field),
		     void *user)
{
	return walk_fields(filter->root, each, user);
}

/* The field's value in a canonical text: start and length; false when the case does not have it. */
static bool find_field(const char *text, const char *field, const char **ret_start, size_t *ret_len)
{
	size_t len = strlen(field);
	const char *slash = strchrnul(text, '/');

	*ret_start = text;
	if (!strcmp(field, "case")) {
		*ret_len = strlen(text);
		return true;
	}
	if (!strcmp(field, "bench")) {
		*ret_len = (size_t)(slash - text);
		return true;
	}
	if (!strcmp(field, "family")) {
		*ret_len = strcspn(text, "./");
		return true;
	}
	while (*slash) {
		const char *part = slash + 1;

		slash = strchrnul(part, '/');
		if (strncmp(part, field, len) || part[len] != '=')
			continue;
		*ret_start = part + len + 1;
		*ret_len = (size_t)(slash - *ret_start);
		return true;
	}
	return false;
}

static bool compare(enum op op, int sign)
{
	switch (op) {
	case OP_EQ:
		return sign == 0;
	case OP_NE:
		return sign != 0;
	case OP_LT:
		return sign < 0;
	case OP_LE:
		return sign <= 0;
	case OP_GT:
		return sign > 0;
	case OP_GE:
		return sign >= 0;
	case OP_GLOB:
		break;
	}
	return false;
}

/* What a condition is asked about. */
struct subject {
	const char *case_text;
	struct mp_filter_value (*value)(void *user, size_t index);
	void *user;
};

static bool match_own(const struct node *n, const struct subject *s)
{
	struct mp_filter_value have = { .number = NAN };

	if (s->value)
		have = s->value(s->user, n->index);
	if (n->is_real)
		return !isnan(have.number) &&
		       compare(n->op, (have.number > n->real) - (have.number < n->real));
	if (!have.word)
		return false;
	return n->op == OP_GLOB ? mp_str_glob(n->value, have.word)
				: compare(n->op, strcasecmp(have.word, n->value));
}

static bool match_condition(const struct node *n, const struct subject *s)
{
	char value[MP_CASE_TEXT_MAX];
	const char *start;
	uint64_t number;
	size_t len;

	if (n->own)
		return match_own(n, s);
	if (!find_field(s->case_text, n->field, &start, &len) || len >= sizeof(value))
		return false;
	memcpy(value, start, len);
	value[len] = '\0';
	if (n->op == OP_GLOB)
		return mp_str_glob(n->value, value);
	if (n->is_number && !mp_size_parse(value, &number))
		return compare(n->op, (number > n->number) - (number < n->number));
	if (n->op == OP_EQ || n->op == OP_NE)
		return compare(n->op, strcmp(value, n->value));
	return false;
}

static bool match(const struct node *n, const struct subject *s)
{
	const struct node *child;

	switch (n->kind) {
	case NODE_OR:
		for (child = n->children; child; child = child->next)
			if (match(child, s))
				return true;
		return false;
	case NODE_AND:
		for (child = n->children; child; child = child->next)
			if (!match(child, s))
				return false;
		return true;
	case NODE_NOT:
		return !match(n->children, s);
	case NODE_CONDITION:
		break;
	}
	return match_condition(n, s);
}

bool mp_filter_match_with(const struct mp_filter *filter, const char *case_text,
			  struct mp_filter_value (*value)(void *user, size_t index), void *user)
{
	const struct subject s = { case_text, value, user };

	return match(filter->root, &s);
}

bool mp_filter_match(const struct mp_filter *filter, const char *case_text)
{
	return mp_filter_match_with(filter, case_text, NULL, NULL);
}
