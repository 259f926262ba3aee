package main

import (
	"io"
	"strings"
	"sync"
)

// A log that goes to a file and can be asked.
type journal struct {
	file  io.Writer
	mutex sync.Mutex
	lines []string
}

func (j *journal) Write(line []byte) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.lines = append(j.lines, string(line))
	return j.file.Write(line)
}

// count says how many lines have both texts.
func (j *journal) count(text, other string) int {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	count := 0
	for _, line := range j.lines {
		if strings.Contains(line, text) && strings.Contains(line, other) {
			count++
		}
	}
	return count
}
