/* SPDX-License-Identifier: BSD-2-Clause */
/* replay.c - a fuzz target without a fuzzer: every file of the folders named, once
 *
 * usage: fuzz_NAME FOLDER...    the last line is RESULT fuzz PASSED FAILED SECONDS
 *
 * A target that finds something aborts, which fails the run; a folder without files fails it too,
 * since nothing would have been tried. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { FILE_BYTES = 4 << 20 };

static void
replay(const char *path)
{
	uint8_t *bytes = malloc(FILE_BYTES), *exact;
	FILE *file = fopen(path, "rb");
	size_t size;

	if (bytes == NULL || file == NULL) {
		perror(path);
		exit(1);
	}
	size = fread(bytes, 1, FILE_BYTES, file);
	fclose(file);
	/* Exactly as long as the file, so that a sanitizer sees a byte too many. */
	if ((exact = realloc(bytes, size > 0 ? size : 1)) == NULL)
		exit(1);
	printf("%s\n", path); /* the last one named is the one that aborts */
	fflush(stdout);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static unsigned
replay_folder(const char *folder)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	unsigned files = 0;

	if (count < 0) {
		perror(folder);
		exit(1);
	}
	for (int i = 0; i < count; i++) {
		char path[4096];

		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
			replay(path);
			files++;
		}
		free(names[i]);
	}
	free(names);
	return files;
}

int
main(int argc, char **argv)
{
	time_t began = time(NULL);
	unsigned files = 0;

	for (int i = 1; i < argc; i++) {
		unsigned here = replay_folder(argv[i]);

		if (here == 0) {
			fprintf(stderr, "%s: no files\n", argv[i]);
			return 1;
		}
		files += here;
	}
	printf("RESULT fuzz %u 0 %ld\n", files, (long)(time(NULL) - began));
	return files > 0 ? 0 : 1;
}
