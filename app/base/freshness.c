/* SPDX-License-Identifier: BSD-2-Clause */
/* freshness.c - cells, stamps and notes
 *
 * All accesses are sequentially consistent: the argument of freshness.h is about the order of
 * accesses to several words, and none of them is on a path that counts nanoseconds. */
#include "base/freshness.h"

#include <assert.h>

enum { NOTE_EVERYTHING = FRESHNESS_CELLS + 1 };

static uint32_t
cell_of(uint64_t subject)
{
	return (uint32_t)(subject % FRESHNESS_CELLS);
}

uint64_t
freshness_stamp(const struct freshness *f, const uint64_t *subjects, size_t count)
{
	uint64_t stamp = atomic_load(&f->everything);

	for (size_t i = 0; i < count; i++)
		stamp += atomic_load(&f->cells[cell_of(subjects[i])]);
	return stamp;
}

static bool
note_is_of(uint32_t note, const uint64_t *subjects, size_t count)
{
	if (note == NOTE_EVERYTHING)
		return true;
	for (size_t i = 0; i < count; i++)
		if (note == cell_of(subjects[i]) + 1)
			return true;
	return false;
}

bool
freshness_unsettled(const struct freshness *f, const uint64_t *subjects, size_t count)
{
	/* Notes stand from the first place on, so an empty one ends those of a worker. */
	for (size_t slot = 0; slot < LIMIT_WORKERS; slot++)
		for (size_t i = 0; i < FRESHNESS_NOTES; i++) {
			uint32_t note = atomic_load(&f->notes[slot][i]);

			if (note == 0)
				break;
			if (note_is_of(note, subjects, count))
				return true;
		}
	return false;
}

/* What a note says; one that a worker gone wild has written raises everything. */
static void
raise_note(struct freshness *f, uint32_t note)
{
	if (note == 0)
		return;
	if (note <= FRESHNESS_CELLS)
		atomic_fetch_add(&f->cells[note - 1], 1);
	else
		freshness_raise_all(f);
}

static void
raise_notes(struct freshness *f, unsigned slot)
{
	for (size_t i = 0; i < FRESHNESS_NOTES; i++)
		raise_note(f, atomic_load(&f->notes[slot][i]));
}

void
freshness_begin_write(struct freshness *f, unsigned slot, const uint64_t *subjects, size_t count)
{
	bool few = count <= FRESHNESS_NOTES;

	assert(slot < LIMIT_WORKERS);
	for (size_t i = 0; few && i < count; i++)
		atomic_store(&f->notes[slot][i], cell_of(subjects[i]) + 1);
	if (!few)
		atomic_store(&f->notes[slot][0], NOTE_EVERYTHING);
	raise_notes(f, slot);
}

void
freshness_end_write(struct freshness *f, unsigned slot)
{
	assert(slot < LIMIT_WORKERS);
	raise_notes(f, slot);
	for (size_t i = FRESHNESS_NOTES; i-- > 0;)
		atomic_store(&f->notes[slot][i], 0);
}

void
freshness_raise(struct freshness *f, uint64_t subject)
{
	atomic_fetch_add(&f->cells[cell_of(subject)], 1);
}

void
freshness_raise_all(struct freshness *f)
{
	atomic_fetch_add(&f->everything, 1);
}

void
freshness_extend(struct freshness *f, int64_t now_ns, int64_t lease_ns)
{
	if (!freshness_is_leased(f, now_ns))
		freshness_raise_all(f);
	atomic_store(&f->lease_ns, lease_ns);
}

void
freshness_end_lease(struct freshness *f)
{
	atomic_store(&f->lease_ns, 0);
	freshness_raise_all(f);
}

bool
freshness_is_leased(const struct freshness *f, int64_t now_ns)
{
	return now_ns < atomic_load(&f->lease_ns);
}
