" :IronhullFix hardens the buffer. Where ironhull cannot read it, it stays as it is, and the reason is shown.
" To rewrite on save: let g:ironhull_fix_on_save = 1
if exists('g:loaded_ironhull')
  finish
endif
let g:loaded_ironhull = 1

function! s:fix() abort
  let l:view = winsaveview()
  let l:report = tempname()
  let l:program = get(g:, 'ironhull_path', 'ironhull')
  let l:command = shellescape(l:program) . ' - --stdin-filename=' . shellescape(expand('%:p')) . ' 2>' . shellescape(l:report)
  let l:lines = systemlist(l:command, getline(1, '$'))
  if v:shell_error
    echohl ErrorMsg
    for l:line in readfile(l:report)
      echomsg l:line
    endfor
    echohl None
  elseif l:lines !=# getline(1, '$')
    call setline(1, l:lines)
    if line('$') > len(l:lines)
      silent execute (len(l:lines) + 1) . ',$delete _'
    endif
  endif
  call delete(l:report)
  call winrestview(l:view)
endfunction

command! -bar IronhullFix call s:fix()

augroup ironhull
  autocmd!
  autocmd BufWritePre Dockerfile,Dockerfile.*,*.Dockerfile,Containerfile,compose*.y{,a}ml,docker-compose*.y{,a}ml
        \ if get(g:, 'ironhull_fix_on_save') | call s:fix() | endif
augroup END
