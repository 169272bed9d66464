;;; emacs.el --- What tests/editors/emacs runs -*- lexical-binding: t -*-

(require 'ert)
(package-initialize)
(require 'eglot nil t)
(unless (require 'dockerfile-mode nil t)
  (define-derived-mode dockerfile-mode prog-mode "Dockerfile"))
(require 'ironhull)

(setq ironhull-path (getenv "IRONHULL")
      make-backup-files nil
      eglot-sync-connect 20)

(defun text-of (file)
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert-file-contents-literally file)
    (buffer-string)))

(defun hardened (file &optional text)
  "What the filter makes of FILE, or of TEXT in its place."
  (with-temp-buffer
    (set-buffer-multibyte nil)
    (insert (or text (text-of file)))
    (let ((coding-system-for-read 'no-conversion)
          (coding-system-for-write 'no-conversion))
      (call-process-region nil nil ironhull-path t '(t nil) nil "-" (concat "--stdin-filename=" file)))
    (buffer-string)))

(defmacro with-sample (name &rest body)
  "Run BODY in a buffer with the file NAME of a copy of the sample."
  (declare (indent 1))
  `(let* ((folder (make-temp-file "sample" t))
          (file (expand-file-name ,name folder)))
     (copy-directory (getenv "SAMPLE") folder nil t t)
     (unwind-protect
         (with-current-buffer (find-file-noselect file)
           (unless (derived-mode-p 'dockerfile-mode) (when (equal ,name "Dockerfile") (dockerfile-mode)))
           (unwind-protect (progn ,@body)
             (set-buffer-modified-p nil)
             (kill-buffer)))
       (delete-directory folder t))))

(defmacro with-server (&rest body)
  (declare (indent 0))
  `(progn
     (skip-unless (featurep 'eglot))
     (switch-to-buffer (current-buffer))
     (apply #'eglot (let ((guess (eglot--guess-contact))) (append guess nil)))
     (unwind-protect (progn ,@body)
       (eglot-shutdown (eglot-current-server)))))

(defun wait-for (holds)
  (let ((end (+ (float-time) 20)))
    (while (and (not (funcall holds)) (< (float-time) end))
      (accept-process-output nil 0.05)))
  (should (funcall holds)))

(ert-deftest it-compiles-without-a-warning ()
  (let ((byte-compile-error-on-warn t))
    (should (byte-compile-file (locate-library "ironhull.el")))))

(ert-deftest eglot-shows-what-is-found ()
  (with-sample "Dockerfile"
    (with-server
      (wait-for #'flymake-diagnostics)
      (let ((texts (mapconcat #'flymake-diagnostic-text (flymake-diagnostics) "\n")))
        (should (string-match-p "\\[non-root-user\\]: runs as root" texts))
        (should (string-match-p "\\[init-process\\]" texts))))))

(ert-deftest eglot-rewrites-on-save-once-it-is-asked-for ()
  (with-sample "Dockerfile"
    (with-server
      (goto-char (point-max))
      (insert "# typed\n")
      (save-buffer)
      (let* ((plain (text-of file))
             (expected (hardened file)))
        (should (string-suffix-p "# typed\n" plain))
        (should-not (equal plain expected))
        (setq-default eglot-workspace-configuration '(:ironhull (:fixOnSave t)))
        (eglot-signal-didChangeConfiguration (eglot-current-server))
        (wait-for (lambda ()
                    (set-buffer-modified-p t)
                    (save-buffer)
                    (not (equal (text-of file) plain))))
        (should (equal (text-of file) expected))
        (setq-default eglot-workspace-configuration nil)))))

(ert-deftest eglot-makes-all-safe-fixes ()
  (with-sample "Dockerfile"
    (with-server
      (wait-for #'flymake-diagnostics)
      (eglot-code-actions (point-min) (point-max) "source.fixAll.ironhull" t)
      (wait-for #'buffer-modified-p)
      (let ((expected (hardened file)))
        (save-buffer)
        (should (equal (text-of file) expected))))))

(ert-deftest the-filter-keeps-point-and-can-be-undone ()
  (dolist (name '("Dockerfile" "compose.yaml" "pod.yaml"))
    (with-sample name
      (let ((before (buffer-string))
            (expected (hardened file)))
        (buffer-enable-undo)
        (goto-char (point-min))
        (forward-line 2)
        (let ((line (buffer-substring (point) (line-end-position))))
          (ironhull-fix)
          (should (string-prefix-p line (buffer-substring (point) (line-end-position)))))
        (should-not (equal (buffer-string) before))
        (undo-boundary)
        (primitive-undo 1 (if (car buffer-undo-list) buffer-undo-list (cdr buffer-undo-list)))
        (should (equal (buffer-string) before))
        (ironhull-fix)
        (save-buffer)
        (should (equal (text-of file) expected))))))

(ert-deftest the-mode-rewrites-on-save ()
  (with-sample "Dockerfile"
    (let* ((text (replace-regexp-in-string "\n" "\r\n" (text-of file)))
           (expected (hardened file text)))
      (write-region text nil file nil 'silent)
      (revert-buffer t t)
      (ironhull-fix-on-save-mode)
      (set-buffer-modified-p t)
      (save-buffer)
      (should (equal (text-of file) expected))
      (should (string-match-p "USER 1000:1000\r\n" expected)))))

(ert-deftest saving-goes-on-where-nothing-can-be-fixed ()
  (with-sample "Dockerfile"
    (ironhull-fix-on-save-mode)
    (erase-buffer)
    (insert "FROM scratch\nCOPY\n")
    (save-buffer)
    (should (equal (text-of file) "FROM scratch\nCOPY\n"))
    (let ((ironhull-path "/no/such/program")
          (debug-on-error nil)) ; which ert sets
      (insert "CMD [\"/a\"]\n")
      (save-buffer)
      (should (equal (text-of file) "FROM scratch\nCOPY\nCMD [\"/a\"]\n")))
    (ironhull-fix-on-save-mode -1)
    (erase-buffer)
    (insert-file-contents (expand-file-name "Dockerfile" (getenv "SAMPLE")))
    (save-buffer)
    (should (equal (text-of file) (text-of (expand-file-name "Dockerfile" (getenv "SAMPLE")))))))

(let* ((stats (ert-run-tests-batch))
       (passed (ert-stats-completed-expected stats))
       (failed (ert-stats-completed-unexpected stats)))
  (princ (format "%d passed, %d failed\n" (- passed (ert-stats-skipped stats)) failed))
  (kill-emacs (if (zerop failed) 0 1)))
