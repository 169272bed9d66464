-- Starts `ironhull lsp` for Dockerfiles, compose files and manifests. Neovim 0.7.2 and later.
-- To rewrite on save, set vim.g.ironhull_fix_on_save = true before this file is read.
local group = vim.api.nvim_create_augroup("ironhull", {})

local function root_of(file)
  local at = vim.fs and vim.fs.find({ ".ironhull.yaml", ".git" }, { upward = true, path = vim.fs.dirname(file) })[1]
  return at and vim.fs.dirname(at) or vim.fn.fnamemodify(file, ":h")
end

local clients = {} -- by folder, before Neovim 0.8

local function start(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  if file == "" or vim.bo[buffer].buftype ~= "" then
    return
  end
  local root = root_of(file)
  local settings = { fixOnSave = vim.g.ironhull_fix_on_save == true }
  local config = {
    name = "ironhull",
    cmd = { vim.g.ironhull_path or "ironhull", "lsp" },
    root_dir = root,
    init_options = settings,
    settings = { ironhull = settings }, -- what newer ones are asked for
  }
  if vim.lsp.start then
    vim.lsp.start(config)
    return
  end
  if clients[root] and vim.lsp.client_is_stopped(clients[root]) then
    clients[root] = nil
  end
  clients[root] = clients[root] or vim.lsp.start_client(config)
  if clients[root] then
    vim.lsp.buf_attach_client(buffer, clients[root])
  end
end

-- What the clients of ironhull answer to a request about a buffer.
local function ask(buffer, method, params)
  params.textDocument = vim.lsp.util.make_text_document_params(buffer)
  for id, answer in pairs(vim.lsp.buf_request_sync(buffer, method, params, 2000) or {}) do
    local client = vim.lsp.get_client_by_id(id)
    if client and client.name == "ironhull" and type(answer.result) == "table" then
      return answer.result, client.offset_encoding
    end
  end
  return {}
end

local function fix(buffer)
  local all = { start = { line = 0, character = 0 }, ["end"] = { line = vim.api.nvim_buf_line_count(buffer), character = 0 } }
  local context = { diagnostics = {}, only = { "source.fixAll.ironhull" } }
  local actions, encoding = ask(buffer, "textDocument/codeAction", { range = all, context = context })
  for _, action in ipairs(actions) do
    vim.lsp.util.apply_workspace_edit(action.edit, encoding)
  end
end

-- The server answers with edits only where fixOnSave has asked for them.
local function will_save(buffer)
  local edits, encoding = ask(buffer, "textDocument/willSaveWaitUntil", { reason = 1 })
  if #edits > 0 then
    vim.lsp.util.apply_text_edits(edits, buffer, encoding)
  end
end

vim.api.nvim_create_autocmd("FileType", {
  group = group,
  pattern = { "dockerfile", "yaml", "yaml.docker-compose", "json" },
  callback = function(event)
    start(event.buf)
  end,
})

vim.api.nvim_create_user_command("IronhullFix", function()
  fix(vim.api.nvim_get_current_buf())
end, { bar = true, desc = "Make all safe fixes of ironhull in this buffer" })

vim.api.nvim_create_autocmd("BufWritePre", {
  group = group,
  callback = function(event)
    if vim.g.ironhull_fix_on_save then
      will_save(event.buf)
    end
  end,
})
