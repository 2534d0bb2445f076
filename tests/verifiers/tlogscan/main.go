// Tlogscan reads an exported log from end to end with golang.org/x/mod's note and tlog packages:
// the checkpoint's Ed25519 signature, and every entry up to the root. It shares no line with the hub.
//
//	tlogscan VKEY FOLDER
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: tlogscan VKEY FOLDER"))
	}
	verifier, err := note.NewVerifier(os.Args[1])
	fail(err)
	signed, err := os.ReadFile(filepath.Join(os.Args[2], "checkpoint"))
	fail(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	fail(err)
	var origin, root string
	var size int64
	_, err = fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &size, &root)
	fail(err)
	if origin != verifier.Name() {
		fail(fmt.Errorf("the checkpoint is another log's"))
	}
	found, err := rootOf(os.Args[2], size)
	fail(err)
	if found.String() != root {
		fail(fmt.Errorf("the entries make another root than the checkpoint says"))
	}
	fmt.Printf("tlogscan: %d entries make the signed root\n", size)
}

// rootOf hashes every entry of the first size ones.
func rootOf(folder string, size int64) (tlog.Hash, error) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for at := int64(0); at < size; {
		width := min(256, size-at)
		entries, err := bundle(folder, at/256, width)
		if err != nil {
			return tlog.Hash{}, err
		}
		for _, entry := range entries {
			more, err := tlog.StoredHashesForRecordHash(at, tlog.RecordHash(entry), reader)
			if err != nil {
				return tlog.Hash{}, err
			}
			stored = append(stored, more...)
			at++
		}
	}
	return tlog.TreeHash(size, reader)
}

// bundle reads the entries under one tile; there are exactly width of them.
func bundle(folder string, number, width int64) ([][]byte, error) {
	name := fmt.Sprintf("%03d", number%1000)
	for rest := number / 1000; rest > 0; rest /= 1000 {
		name = fmt.Sprintf("x%03d/%s", rest%1000, name)
	}
	if width < 256 {
		name = fmt.Sprintf("%s.p/%d", name, width)
	}
	raw, err := os.ReadFile(filepath.Join(folder, "tile", "entries", name))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(raw) > 0 {
		if len(raw) < 2 || len(raw) < 2+int(binary.BigEndian.Uint16(raw)) {
			return nil, fmt.Errorf("bundle %d is cut short", number)
		}
		end := 2 + int(binary.BigEndian.Uint16(raw))
		entries = append(entries, raw[2:end])
		raw = raw[end:]
	}
	if int64(len(entries)) != width {
		return nil, fmt.Errorf("bundle %d has %d entries, not %d", number, len(entries), width)
	}
	return entries, nil
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "tlogscan:", err)
		os.Exit(1)
	}
}
